using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>A reference to content by media type, digest and size (OCI image-spec descriptor.md).</summary>
public sealed record Descriptor
{
    /// <summary>The empty content <c>{}</c>, which is the config of an artifact (OCI image-spec manifest.md, "Guidance for an
    /// Empty Descriptor").</summary>
    public static Descriptor Empty { get; } =
        new() { MediaType = MediaTypes.OciEmpty, Digest = Digest.OfSha256("{}"u8), Size = "{}"u8.Length };

    /// <summary>Media type of the content.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Digest of its bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Other addresses of the content.</summary>
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Annotations of its author.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The platform that it is for; in an index only.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Artifact type of the manifest.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Whether it may refer to a manifest: without a media type, the document itself decides.</summary>
    public bool IsManifest => MediaType.Length == 0 || MediaTypes.IsImageManifest(MediaType) || MediaTypes.IsIndex(MediaType);

    /// <summary>Whether it is a foreign layer: kept at its own addresses, and not copied with the image.</summary>
    public bool IsForeignLayer => Urls is { Count: > 0 } && MediaTypes.IsForeignLayer(MediaType);
}
