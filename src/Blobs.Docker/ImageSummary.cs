using Blobs.Docker.Images;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>An image as a listing shows it.</summary>
public sealed record ImageSummary
{
    /// <summary>The image.</summary>
    public required Image Image { get; init; }

    /// <summary>Its tags, in the order of their full forms.</summary>
    public required IReadOnlyList<ImageReference> Tags { get; init; }

    /// <summary>Its manifests' digests in repositories, in the order of their full forms.</summary>
    public required IReadOnlyList<ImageReference> Digests { get; init; }

    /// <summary>Bytes of all its layers, those that other images have too included.</summary>
    public required long Size { get; init; }
}
