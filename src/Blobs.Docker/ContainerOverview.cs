using Blobs.Docker.Containers;

namespace Blobs.Docker;

/// <summary>A container as a listing shows it.</summary>
public sealed record ContainerOverview
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>What its image is called: as its maker called it, or the id when that name means another image by now.</summary>
    public required string Image { get; init; }

    /// <summary>Whether its tree is mounted.</summary>
    public required bool IsMounted { get; init; }
}
