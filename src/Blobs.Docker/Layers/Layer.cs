using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer that a store holds.</summary>
public sealed record Layer
{
    /// <summary>Its name in the store: itself and everything below it.</summary>
    public required ChainId ChainId { get; init; }

    /// <summary>Digest of its uncompressed tar.</summary>
    public required DiffId DiffId { get; init; }

    /// <summary>The layer it stands on; null at the bottom.</summary>
    public required ChainId? Parent { get; init; }

    /// <summary>Bytes of its files, as the engine counts them: for overlay2 of the files on disk, for vfs by the tar's headers.</summary>
    public required long Size { get; init; }

    /// <summary>Name of its directory in the storage driver.</summary>
    public required string CacheId { get; init; }
}
