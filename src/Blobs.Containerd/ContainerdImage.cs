using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>An image of containerd: a name for a manifest or an index. Two names are two images here.</summary>
public sealed record ContainerdImage
{
    /// <summary>The name: any text, but usually a full reference such as <c>docker.io/library/alpine:3.18</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The manifest or index.</summary>
    public required Descriptor Target { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>When the name was created; null when that is not recorded.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When it last changed; null when that is not recorded.</summary>
    public DateTimeOffset? Updated { get; init; }
}
