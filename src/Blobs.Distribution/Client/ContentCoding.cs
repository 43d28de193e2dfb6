using System.IO.Compression;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Distribution.Client;

/// <summary>
/// Decodes bodies that arrive with a content coding (RFC 9110, 8.4) although none was asked for, as some proxies send
/// them. Only gzip occurs in practice.
/// </summary>
internal static class ContentCoding
{
    /// <summary>Whether a body has a content coding.</summary>
    public static bool IsNamed(HttpResponseMessage response) => Names(response).Any();

    /// <summary>The decoded body. Damage surfaces while it is read, as a connection's failure does.</summary>
    /// <exception cref="MalformedDataException">Its coding is not gzip.</exception>
    public static Stream Decode(RegistryRequest request, HttpResponseMessage response, Stream body)
    {
        string[] names = [.. Names(response)];
        string shown = Printable.Quote(Encoding.UTF8.GetBytes(string.Join(", ", names)));
        return names is ["gzip" or "x-gzip"]
            ? new GZipStream(body, CompressionMode.Decompress)
            : throw new MalformedDataException(
                Fault.RegistryAnswer, 0, $"{request}: the answer has the content coding {shown}, which was not asked for");
    }

    private static IEnumerable<string> Names(HttpResponseMessage response) =>
        response.Content.Headers.ContentEncoding.Select(name => name.ToLowerInvariant()).Where(name => name != "identity");
}
