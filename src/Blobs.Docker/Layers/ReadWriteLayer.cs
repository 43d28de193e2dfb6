using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer that programs write to, belonging to a container or a build step.</summary>
public sealed record ReadWriteLayer
{
    /// <summary>The layer's name in the store: the id of its container.</summary>
    public required string Name { get; init; }

    /// <summary>The name of its directory in the storage driver.</summary>
    public required string MountId { get; init; }

    /// <summary>The id of the init layer between this layer and the image, which holds the mount points for dockerd's
    /// own files; null if there is none.</summary>
    public required string? InitId { get; init; }

    /// <summary>The top layer of the image; null if there is no layer below.</summary>
    public required ChainId? Parent { get; init; }
}
