namespace Blobs.Compression;

/// <summary>How hard, and on how many threads, to compress. The same bytes in give the same bytes out on any number of threads.</summary>
public sealed record EncoderOptions
{
    /// <summary>1 (fastest) to 9 for gzip, 1 to 22 for zstd; the format's usual one (6 and 3) when null.</summary>
    public int? Level { get; init; }

    /// <summary>Threads that compress at once. Memory is about 3 MiB a thread for gzip, 12 MiB for zstd.</summary>
    public int Threads { get; init; } = 1;
}
