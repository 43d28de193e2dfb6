using Blobs.Docker.Containers;
using Blobs.Docker.Layers;

namespace Blobs.Docker;

/// <summary>What a prune removed, or would remove.</summary>
public sealed record RootPrune
{
    /// <summary>The containers.</summary>
    public required IReadOnlyList<Container> Containers { get; init; }

    /// <summary>The images, each before the one it was made from. Their names go too.</summary>
    public required IReadOnlyList<ImageSummary> Images { get; init; }

    /// <summary>The layers, each before its parent, and those that BuildKit's cache keeps.</summary>
    public required Removal<Layer> Layers { get; init; }

    /// <summary>The kept blobs, complete or not.</summary>
    public required IReadOnlyList<KeptBlob> Blobs { get; init; }

    /// <summary>Why all kept blobs stay; null when they do not.</summary>
    public required string? BlobProblem { get; init; }

    /// <summary>The size of the files of containers, layers and blobs, in bytes.</summary>
    public required long Bytes { get; init; }
}
