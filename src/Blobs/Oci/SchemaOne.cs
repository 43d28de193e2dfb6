using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json;

namespace Blobs.Oci;

/// <summary>
/// Docker image manifest version 2, schema 1: signed documents from before 2016. They are neither pushed nor pulled here, but old
/// stores hold them, and what they name is needed.
/// </summary>
internal static class SchemaOne
{
    /// <summary>The layers such a document names; null when it is of another kind.</summary>
    public static IReadOnlyList<Digest>? FindLayers(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using GoDocument document = GoDocument.Parse(bytes, "manifest", Fault.ManifestSyntax);
            GoObject json = document.Root.Object();
            IReadOnlyList<Digest?>? layers = json["fsLayers"].List(layer => layer.Object()["blobSum"].ParsedIfAny<Digest>());
            return json["schemaVersion"].Number() == 1 && layers is not null ? [.. layers.OfType<Digest>()] : null;
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }
}
