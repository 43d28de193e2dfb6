namespace Blobs.Compression;

/// <summary>
/// A compressed format that is written as a sequence of independently compressed blocks. The result does not depend on the number of
/// threads, nor on the sizes in which the input arrives.
/// </summary>
internal abstract class BlockFormat : IDisposable
{
    /// <summary>Bytes of input in every block but the last.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>The bytes before the blocks.</summary>
    public virtual ReadOnlyMemory<byte> Header => default;

    /// <summary>Creates the format for a kind of compression.</summary>
    /// <param name="kind">gzip or zstd.</param>
    /// <param name="level">The compression level; the format's default if null.</param>
    public static BlockFormat Of(CompressionKind kind, int? level) => kind switch
    {
        CompressionKind.Gzip => new GzipFormat(level),
        CompressionKind.Zstd => new ZstdFormat(level),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only gzip and zstd can be written."),
    };

    /// <summary>Compresses a block. Thread-safe.</summary>
    /// <param name="block">The input.</param>
    /// <param name="isFinal">Whether it is the last block. An empty input has one block, which is final and empty.</param>
    /// <param name="compressed">Receives the compressed block; empty before.</param>
    public abstract void Compress(ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed);

    /// <summary>Adds a block to the checksum and length in the trailer. Called with the input of every block, in order.</summary>
    public virtual void UpdateTrailer(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>The bytes after the blocks. Called once, at the end.</summary>
    public virtual ReadOnlyMemory<byte> MakeTrailer() => default;

    public virtual void Dispose()
    {
    }
}
