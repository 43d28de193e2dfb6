using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer in a store.</summary>
public sealed record Layer
{
    /// <summary>The layer's id in the store, which identifies it together with all layers below it.</summary>
    public required ChainId ChainId { get; init; }

    /// <summary>The digest of its uncompressed tar.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>The layer below; null for a bottom layer.</summary>
    public required ChainId? Parent { get; init; }

    /// <summary>The size of its files in bytes, as dockerd counts them: for overlay2 from the files on disk, for vfs
    /// from the tar's headers.</summary>
    public required long Size { get; init; }

    /// <summary>The name of its directory in the storage driver.</summary>
    public required string CacheId { get; init; }
}
