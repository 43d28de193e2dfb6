using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Json.Internal;

namespace Blobs.Distribution.Verification;

/// <summary>
/// Docker image manifest version 2, schema 1: signed documents from before 2016. This project does not push or pull
/// them, but old stores contain them, and garbage collection must keep the layers they refer to.
/// </summary>
internal static class SchemaOne
{
    /// <summary>Returns the layers that such a document refers to; null for any other document.</summary>
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
