namespace Blobs.Compression;

/// <summary>
/// A compressed format whose stream consists of blocks that are compressed each on its own. So the bytes that come out do not depend on
/// how many threads compress, nor on how the input was cut.
/// </summary>
internal abstract class BlockFormat : IDisposable
{
    /// <summary>Bytes of input in every block but the last.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>What stands in front of the blocks.</summary>
    public virtual ReadOnlyMemory<byte> Header => default;

    /// <summary>The format of one kind of compression.</summary>
    /// <param name="kind">gzip or zstd: nothing else is written.</param>
    /// <param name="level">The format's usual one when null.</param>
    public static BlockFormat Of(CompressionKind kind, int? level) => kind switch
    {
        CompressionKind.Gzip => new GzipFormat(level),
        CompressionKind.Zstd => new ZstdFormat(level),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Layers are written plain, or with gzip or zstd."),
    };

    /// <summary>Compresses a block; called on any thread, on several at once.</summary>
    /// <param name="block">The input.</param>
    /// <param name="isFinal">Whether no other follows. An empty input has one block, which is final and empty.</param>
    /// <param name="compressed">Takes what it becomes; empty.</param>
    public abstract void Compress(ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed);

    /// <summary>Notes the input of each block, in order, for the trailer.</summary>
    public virtual void Note(ReadOnlySpan<byte> block)
    {
    }

    /// <summary>What stands behind the blocks. Asked for once, at the end.</summary>
    public virtual ReadOnlyMemory<byte> MakeTrailer() => default;

    public virtual void Dispose()
    {
    }
}
