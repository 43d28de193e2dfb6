using System.Text.Json.Serialization;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Oci;

/// <summary>
/// Docker image manifest version 2, schema 1: signed documents from before 2016. They are neither pushed nor pulled here, but old
/// stores hold them, and what they name is needed.
/// </summary>
internal static class SchemaOne
{
    /// <summary>The layers such a document names; null when it is of another kind.</summary>
    public static IReadOnlyList<Digest>? FindLayers(ReadOnlySpan<byte> bytes)
    {
        try
        {
            SchemaOneJson json = OciJson.Read(bytes, OciJson.Default.SchemaOneJson, "manifest", Fault.ManifestSyntax);
            return json is { SchemaVersion: 1, Layers: { } layers } ? [.. layers.Select(layer => layer.Blob)] : null;
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }
}

/// <summary>What a manifest of schema 1 says of its layers.</summary>
internal sealed record SchemaOneJson
{
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; init; }

    [JsonPropertyName("fsLayers")]
    public IReadOnlyList<SchemaOneLayerJson>? Layers { get; init; }
}

/// <summary>One of its layers.</summary>
internal sealed record SchemaOneLayerJson
{
    [JsonPropertyName("blobSum")]
    public required Digest Blob { get; init; }
}
