using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>A repository <c>app</c> that keeps manifests and deletes them, and knows nothing of referrers.</summary>
internal sealed class OldRegistry
{
    private readonly ConcurrentDictionary<string, Manifest> _manifests = new();

    public OldRegistry() => Fake = new FakeRegistry { Otherwise = Answer };

    public FakeRegistry Fake { get; }

    /// <summary>The manifest behind a tag or digest; null when there is none.</summary>
    public Manifest? Read(string reference) => _manifests.GetValueOrDefault(reference);

    public void Write(string reference, Manifest manifest) =>
        _manifests[reference] = _manifests[$"{manifest.Digest}"] = manifest;

    private HttpResponseMessage? Answer(HttpRequestMessage request, byte[] body)
    {
        const string Prefix = "/v2/app/manifests/";
        string path = request.RequestUri!.AbsolutePath;
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string reference = path[Prefix.Length..];
        switch (request.Method.Method)
        {
            case "PUT":
                Write(reference, Manifest.Parse(body, request.Content!.Headers.ContentType!.MediaType));
                return Status(201);
            case "DELETE":
                return Status(_manifests.TryRemove(reference, out _) ? 202 : 404);
            default:
                return Read(reference) is { } found ? Describe(found) : null;
        }
    }

    private static HttpResponseMessage Describe(Manifest manifest)
    {
        HttpResponseMessage response = Bytes(manifest.Bytes.ToArray());
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
        response.Headers.Add("Docker-Content-Digest", $"{manifest.Digest}");
        return response;
    }
}
