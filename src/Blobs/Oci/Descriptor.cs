using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>Names content by type, digest and size (OCI image-spec descriptor.md).</summary>
public sealed record Descriptor
{
    /// <summary>What the content is.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Digest of its bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>How many bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Where else the content may be had.</summary>
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Notes of whoever made it.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>What it runs on; in an index only.</summary>
    public Platform? Platform { get; init; }

    /// <summary>What the artifact behind the manifest is.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Whether it may be a manifest's: one of no type is what the document itself says it is.</summary>
    internal bool IsManifest => MediaType.Length == 0 || MediaTypes.IsImageManifest(MediaType) || MediaTypes.IsIndex(MediaType);

    /// <summary>Whether it is a layer that lives at addresses of its own: whoever copies the image leaves it there.</summary>
    internal bool IsElsewhere => Urls is { Count: > 0 } && MediaTypes.IsForeignLayer(MediaType);
}
