using Blobs.Errors;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>The members of a manifest or an index, read as Go does and not validated yet.</summary>
internal sealed record ManifestJson
{
    public long SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public string? ArtifactType { get; init; }

    public Descriptor? Config { get; init; }

    public IReadOnlyList<Descriptor>? Layers { get; init; }

    public IReadOnlyList<Descriptor>? Manifests { get; init; }

    public Descriptor? Subject { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Reads a document.</summary>
    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type.</exception>
    public static ManifestJson Read(ReadOnlyMemory<byte> bytes)
    {
        using GoDocument document = GoDocument.Parse(bytes, "manifest", Fault.ManifestSyntax);
        GoObject json = document.Root.Object();
        return new ManifestJson
        {
            SchemaVersion = json["schemaVersion"].Number(),
            MediaType = json["mediaType"].Text(),
            ArtifactType = json["artifactType"].Text(),
            Config = json["config"].ObjectIfAny() is { } config ? DescriptorJson.Read(config) : null,
            Layers = json["layers"].List(layer => DescriptorJson.Read(layer.Object())),
            Manifests = json["manifests"].List(manifest => DescriptorJson.Read(manifest.Object())),
            Subject = json["subject"].ObjectIfAny() is { } subject ? DescriptorJson.Read(subject) : null,
            Annotations = json["annotations"].TextMap(),
        };
    }
}
