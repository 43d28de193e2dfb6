using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json.Internal;

namespace Blobs.Distribution.Verification;

/// <summary>
/// Docker image manifest version 2, schema 1: signed documents from before 2016. They cannot be pushed or pulled here,
/// but old stores hold them, and garbage collection must keep the layers they name.
/// </summary>
internal static class SchemaOne
{
    /// <summary>The layers that such a document names; null when it is another kind of document.</summary>
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
