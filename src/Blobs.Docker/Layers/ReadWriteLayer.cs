using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer that programs write to: a container's, or that of a build step.</summary>
public sealed record ReadWriteLayer
{
    /// <summary>Its name in the store: the id of its container.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its directory in the storage driver.</summary>
    public required string MountId { get; init; }

    /// <summary>The layer between it and the image, which holds what an engine mounts its own files on; null when it has none.</summary>
    public required string? InitId { get; init; }

    /// <summary>Top layer of the image; null when there is none below.</summary>
    public required ChainId? Parent { get; init; }
}
