using Blobs.Docker.Layers;

namespace Blobs.Docker;

/// <summary>What a data root takes on disk, and how much of it could go. Sizes are in bytes, as dockerd counts
/// them.</summary>
public sealed record RootUsage
{
    /// <summary>The images that <c>docker images</c> lists.</summary>
    public required IReadOnlyList<ImageUsage> Images { get; init; }

    /// <summary>The size of their layers, each counted once.</summary>
    public required long ImageBytes { get; init; }

    /// <summary>The part of <see cref="ImageBytes"/> that no image with a container needs.</summary>
    public required long UnusedImageBytes { get; init; }

    /// <summary>The containers.</summary>
    public required IReadOnlyList<ContainerUsage> Containers { get; init; }

    /// <summary>The volumes of the local driver.</summary>
    public required IReadOnlyList<VolumeUsage> Volumes { get; init; }

    /// <summary>The layers of no listed image: ingested ones, those of unfinished pulls, and those that only a container
    /// or BuildKit's cache needs.</summary>
    public required IReadOnlyList<Layer> OtherLayers { get; init; }

    /// <summary>Those of <see cref="OtherLayers"/> that nothing needs.</summary>
    public required Removal<Layer> UnneededLayers { get; init; }

    /// <summary>Directories of BuildKit's cache that are not layers.</summary>
    public required IReadOnlyList<DirectoryUsage> BuildCache { get; init; }

    /// <summary>The kept blobs, complete or not.</summary>
    public required IReadOnlyList<KeptBlob> Blobs { get; init; }

    /// <summary>Those of <see cref="Blobs"/> that no image names.</summary>
    public required IReadOnlyList<KeptBlob> UnneededBlobs { get; init; }

    /// <summary>What dead processes left; the next change removes it. Null when it is unknown, because another program
    /// is writing to the data root.</summary>
    public required IReadOnlyList<DirectoryUsage>? Leftovers { get; init; }
}
