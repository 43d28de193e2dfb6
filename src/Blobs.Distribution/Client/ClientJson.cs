using Blobs.Errors;
using Blobs.Json.Internal;

namespace Blobs.Distribution.Client;

/// <summary>Reads JSON of registries, token servers, credential files and helpers. It may hold secrets, so an error
/// names only the position, the type found and the type expected.</summary>
internal static class ClientJson
{
    /// <summary>Reads a document as Go's clients do: bytes after it are ignored.</summary>
    /// <exception cref="MalformedDataException">It is not JSON, or a member has another type.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, Func<GoObject, T> read, string what, Fault fault)
    {
        using GoDocument document = GoDocument.ParseFirst(bytes, what, fault);
        return read(document.Root.Object());
    }
}
