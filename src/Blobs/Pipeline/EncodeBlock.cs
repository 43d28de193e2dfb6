using Blobs.Buffers;

namespace Blobs.Pipeline;

/// <summary>A block of a tar being written out: its slab and its compressed bytes. Reused after it is
/// written.</summary>
internal sealed class EncodeBlock
{
    /// <summary>The bytes of the tar, held until the block is written.</summary>
    public required Slab Tar { get; set; }

    /// <summary>Its number, counted from 0.</summary>
    public long Number { get; set; }

    /// <summary>Whether it is the last one.</summary>
    public bool IsFinal { get; set; }

    /// <summary>The compressed bytes; empty when the tar is written uncompressed.</summary>
    public MemoryStream Compressed { get; } = new();
}
