using System.IO.Compression;
using System.Text;
using Blobs.Errors;

namespace Blobs.Client;

/// <summary>
/// Bodies that come encoded (RFC 9110, 8.4) although they were asked for as they are; some proxies do that. gzip is undone, and nothing
/// else is in use.
/// </summary>
internal static class ContentCoding
{
    /// <summary>Whether a body says that it is encoded.</summary>
    public static bool IsNamed(HttpResponseMessage response) => Names(response).Any();

    /// <summary>The body without its encoding. What is wrong with that fails like a connection.</summary>
    /// <exception cref="MalformedDataException">It is encoded in a way that was never asked for.</exception>
    public static Stream Decode(RegistryRequest request, HttpResponseMessage response, Stream body)
    {
        string[] names = [.. Names(response)];
        string shown = Printable.Quote(Encoding.UTF8.GetBytes(string.Join(", ", names)));
        return names is ["gzip" or "x-gzip"]
            ? new GZipStream(body, CompressionMode.Decompress)
            : throw new MalformedDataException(
                Fault.RegistryAnswer, 0, $"{request}: the answer is encoded as {shown}, which nobody asked for");
    }

    private static IEnumerable<string> Names(HttpResponseMessage response) =>
        response.Content.Headers.ContentEncoding.Select(name => name.ToLowerInvariant()).Where(name => name != "identity");
}
