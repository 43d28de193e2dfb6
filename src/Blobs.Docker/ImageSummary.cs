using Blobs.Docker.Images;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>An image as shown in a listing.</summary>
public sealed record ImageSummary
{
    /// <summary>The image.</summary>
    public required Image Image { get; init; }

    /// <summary>The image's tags, sorted by their full form.</summary>
    public required IReadOnlyList<ImageReference> Tags { get; init; }

    /// <summary>The digests of the image's manifests in repositories, sorted by their full form.</summary>
    public required IReadOnlyList<ImageReference> Digests { get; init; }

    /// <summary>The size of all its layers in bytes, including layers shared with other images.</summary>
    public required long Size { get; init; }
}
