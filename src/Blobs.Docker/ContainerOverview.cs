using Blobs.Docker.Containers;

namespace Blobs.Docker;

/// <summary>A container as shown in a listing.</summary>
public sealed record ContainerOverview
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>The image name given when the container was created, or the image id if that name now refers to another
    /// image.</summary>
    public required string Image { get; init; }

    /// <summary>Whether the container's tree is mounted.</summary>
    public required bool IsMounted { get; init; }
}
