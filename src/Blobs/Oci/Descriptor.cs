using System.Text.Json.Serialization;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>Names content by type, digest and size (OCI image-spec descriptor.md).</summary>
public sealed record Descriptor
{
    /// <summary>What the content is.</summary>
    [JsonPropertyName("mediaType")]
    public string MediaType { get; init; } = "";

    /// <summary>Digest of its bytes.</summary>
    [JsonPropertyName("digest")]
    public required Digest Digest { get; init; }

    /// <summary>How many bytes.</summary>
    [JsonPropertyName("size")]
    public required long Size { get; init; }

    /// <summary>Where else the content may be had.</summary>
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Notes of whoever made it.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>What it runs on; in an index only.</summary>
    [JsonPropertyName("platform")]
    public Platform? Platform { get; init; }

    /// <summary>What the artifact behind the manifest is.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; init; }
}
