namespace Blobs.Compression;

/// <summary>How hard, and on how many threads, to compress. The same bytes in give the same bytes out on any number of threads.</summary>
public sealed record EncoderOptions
{
    /// <summary>1 (fastest) to 9 for gzip, 1 to 22 for zstd; the format's usual one (6 and 3) when null.</summary>
    public int? Level { get; init; }

    /// <summary>Threads that compress at once, as many as there are processors when null. Memory is about 2 MiB for each of them and
    /// for three more with gzip, 8 MiB with zstd.</summary>
    public int? Threads { get; init; }
}
