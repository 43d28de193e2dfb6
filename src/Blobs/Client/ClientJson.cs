using Blobs.Errors;
using Blobs.Json;

namespace Blobs.Client;

/// <summary>What registries, token servers, credential files and helpers say as JSON. It may be secret: an error names the place, the type
/// that is there and the one that should be, and nothing else.</summary>
internal static class ClientJson
{
    /// <summary>Reads a document, as Go's clients do: what stands behind it is not looked at.</summary>
    /// <exception cref="MalformedDataException">It is no JSON, or a member is of another type.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, Func<GoObject, T> read, string what, Fault fault)
    {
        using GoDocument document = GoDocument.ParseFirst(bytes, what, fault);
        return read(document.Root.Object());
    }
}
