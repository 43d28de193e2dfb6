using Blobs.Buffers;

namespace Blobs.Pipeline;

/// <summary>A piece of a tar on its way out: the slab that has it, and what it becomes. Used again once it is written.</summary>
internal sealed class EncodeBlock
{
    /// <summary>The bytes of the tar, held until the block is written.</summary>
    public required Slab Tar { get; set; }

    /// <summary>Which piece it is, counted from 0.</summary>
    public long Number { get; set; }

    /// <summary>Whether no other follows.</summary>
    public bool IsFinal { get; set; }

    /// <summary>The same bytes compressed; empty where they go out as they are.</summary>
    public MemoryStream Compressed { get; } = new();
}
