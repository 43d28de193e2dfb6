using Blobs.Hashing;

namespace Blobs.ContainersStorage;

/// <summary>A layer as <c>layers.json</c> records it.</summary>
public sealed record StoredLayer
{
    /// <summary>Its id, which also names its directories.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the layer below; null for a base layer.</summary>
    public string? Parent { get; init; }

    /// <summary>Digest of its uncompressed tar; null when it is not recorded, as for a container's layer.</summary>
    public DiffId? DiffId { get; init; }

    /// <summary>Bytes of that tar; null when it is not recorded.</summary>
    public long? TarLength { get; init; }

    /// <summary>Whether the process that made it, or removed it, died before it was done. Engines remove such a
    /// layer.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The record, with all members.</summary>
    internal ReadOnlyMemory<byte> Json { get; init; }
}
