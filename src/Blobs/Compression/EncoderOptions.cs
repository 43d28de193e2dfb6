namespace Blobs.Compression;

/// <summary>Options for compressing a layer. The result does not depend on the number of threads.</summary>
public sealed record EncoderOptions
{
    /// <summary>The compression level: 1 (fastest) to 9 for gzip, 1 to 22 for zstd. The default, null, is 6 and 3.</summary>
    public int? Level { get; init; }

    /// <summary>The number of threads that compress; one per processor if null. Memory is about 2 MiB with gzip, 8 MiB with zstd, for
    /// each of them and for three more.</summary>
    public int? Threads { get; init; }
}
