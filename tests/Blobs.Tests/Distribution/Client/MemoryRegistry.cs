using System.Net.Http.Headers;
using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Oci;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Registries in memory, on any host: they keep blobs and manifests, refuse a manifest that names what they lack, mount
/// blobs, and list referrers if asked to.</summary>
/// <param name="listsReferrers">Whether they have the referrers endpoint.</param>
internal sealed class MemoryRegistry(bool listsReferrers = true)
{
    private readonly Dictionary<string, Stored> _repositories = [];
    private int _writes;

    /// <summary>Every blob and manifest that was sent or mounted: <c>PUT</c> or <c>MOUNT</c>, and the digest or tag.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Fails all that is written after so many writes.</summary>
    public int WritesAllowed { get; set; } = int.MaxValue;

    public RegistryClient Client() => new FakeRegistry(isOpen: false) { Otherwise = Answer }.Client(retries: 0);

    /// <summary>The digests of all manifests of a repository, <c>host/name</c>.</summary>
    public IReadOnlySet<string> Manifests(string repository) => At(repository).Manifests.Keys.ToHashSet();

    public IReadOnlyDictionary<string, string> Tags(string repository) => At(repository).Tags;

    /// <summary>The digests of all blobs of a repository.</summary>
    public IReadOnlySet<string> Blobs(string repository) => At(repository).Blobs.Keys.ToHashSet();

    public Manifest Read(string repository, string reference) =>
        At(repository).Manifests[At(repository).Tags.GetValueOrDefault(reference, reference)];

    /// <summary>Takes a manifest away, as a collection might.</summary>
    public void Lose(string repository, Digest manifest) => At(repository).Manifests.Remove($"{manifest}");

    private Stored At(string repository)
    {
        if (!_repositories.TryGetValue(repository, out Stored? stored))
        {
            _repositories.Add(repository, stored = new Stored());
        }

        return stored;
    }

    private HttpResponseMessage? Answer(HttpRequestMessage request, byte[] body)
    {
        Uri address = request.RequestUri!;
        string path = address.AbsolutePath["/v2/".Length..];
        if (path.Length == 0)
        {
            return Text("{}");
        }

        foreach (string kind in (string[])["/blobs/", "/manifests/", "/referrers/", "/tags/"])
        {
            int at = path.IndexOf(kind, StringComparison.Ordinal);
            if (at >= 0)
            {
                Stored stored = At($"{address.IdnHost}/{path[..at]}");
                string rest = path[(at + 1)..];
                return request.Method.Method switch
                {
                    "POST" or "PUT" when ++_writes > WritesAllowed => Status(500),
                    "POST" => Begin(stored, address),
                    "PUT" when kind == "/blobs/" => PutBlob(stored, address, body),
                    "PUT" => PutManifest(stored, rest["manifests/".Length..], body, request.Content!.Headers.ContentType!.MediaType!),
                    _ => Read(stored, rest),
                };
            }
        }

        return null;
    }

    private HttpResponseMessage Begin(Stored stored, Uri address)
    {
        string[] query = Uri.UnescapeDataString(address.Query).TrimStart('?').Split('&');
        if (query is [['m', 'o', 'u', 'n', 't', '=', .. var digest], ['f', 'r', 'o', 'm', '=', .. var from]]
            && At($"{address.IdnHost}/{from}").Blobs.TryGetValue(digest, out byte[]? known))
        {
            stored.Blobs[digest] = known;
            Writes.Add($"MOUNT {digest}");
            return Status(201, "", ("Location", address.AbsolutePath));
        }

        return Status(202, "", ("Location", $"{address.AbsolutePath}1"));
    }

    private HttpResponseMessage PutBlob(Stored stored, Uri address, byte[] body)
    {
        string digest = Uri.UnescapeDataString(address.Query).Split("digest=")[1];
        if ($"{Digest.OfSha256(body)}" != digest)
        {
            return Status(400);
        }

        Writes.Add($"PUT {digest}");
        stored.Blobs[digest] = body;
        return Status(201);
    }

    private HttpResponseMessage PutManifest(Stored stored, string reference, byte[] body, string type)
    {
        var manifest = Manifest.Parse(body, type);
        foreach (Descriptor named in manifest.References)
        {
            bool isThere = manifest is ImageIndex && named.IsManifest
                ? stored.Manifests.ContainsKey($"{named.Digest}")
                : stored.Blobs.ContainsKey($"{named.Digest}");
            if (!isThere)
            {
                return Status(400, """{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}""");
            }
        }

        Writes.Add($"PUT {reference}");
        stored.Manifests[$"{manifest.Digest}"] = manifest;
        if (TagName.IsValid(reference))
        {
            stored.Tags[reference] = $"{manifest.Digest}";
        }

        return listsReferrers && manifest.Subject is { } subject
            ? Status(201, "", ("OCI-Subject", $"{subject.Digest}"))
            : Status(201);
    }

    private HttpResponseMessage Read(Stored stored, string path)
    {
        string[] parts = path.Split('/');
        switch (parts[0])
        {
            case "blobs":
                return stored.Blobs.TryGetValue(parts[1], out byte[]? blob) ? Bytes(blob) : Status(404);
            case "tags":
                return Text($$"""{"tags":[{{string.Join(',', stored.Tags.Keys.Order(StringComparer.Ordinal).Select(tag => $"\"{tag}\""))}}]}""");
            case "referrers" when listsReferrers:
                IEnumerable<Descriptor> referrers = stored.Manifests.Values
                    .Where(manifest => $"{manifest.Subject?.Digest}" == parts[1]).Select(manifest => manifest.DescribeReferrer());
                return Bytes(ManifestWriter.Index(MediaTypes.OciIndex, [.. referrers]).Bytes.ToArray(), MediaTypes.OciIndex);
            case "manifests":
                string digest = stored.Tags.GetValueOrDefault(parts[1], parts[1]);
                return stored.Manifests.TryGetValue(digest, out Manifest? found) ? Describe(found) : Status(404);
            default:
                return Status(404);
        }
    }

    private static HttpResponseMessage Describe(Manifest manifest)
    {
        HttpResponseMessage response = Bytes(manifest.Bytes.ToArray());
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
        response.Headers.Add("Docker-Content-Digest", $"{manifest.Digest}");
        return response;
    }

    private sealed class Stored
    {
        public Dictionary<string, byte[]> Blobs { get; } = [];

        public Dictionary<string, Manifest> Manifests { get; } = [];

        public Dictionary<string, string> Tags { get; } = [];
    }
}
