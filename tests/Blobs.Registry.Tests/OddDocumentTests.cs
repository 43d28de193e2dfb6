using System.Net;
using System.Text;
using System.Text.Json;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>Documents in a store that another registry has taken, and that we would not: they are served as they are,
/// and stop nothing else.</summary>
public sealed class OddDocumentTests : IAsyncLifetime
{
    private const string Absent = "sha256:abababababababababababababababababababababababababababababababab";

    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public static TheoryData<string, string> Documents => new()
    {
        { "null layers", $$"""{"schemaVersion":2,"mediaType":"{{Content.OciManifest}}","config":null,"layers":null}""" },
        { "null manifests", $$"""{"schemaVersion":2,"mediaType":"{{Content.OciIndex}}","manifests":null}""" },
        { "null in a list", $$"""{"schemaVersion":2,"mediaType":"{{Content.OciIndex}}","manifests":[null]}""" },
        { "no size", $$"""{"schemaVersion":2,"mediaType":"{{Content.DockerManifest}}","config":{"digest":"{{Absent}}"},"layers":[]}""" },
        { "no schemaVersion", $$"""{"mediaType":"{{Content.OciIndex}}","manifests":[]}""" },
        { "deep", $$"""{"schemaVersion":2,"mediaType":"{{Content.OciIndex}}","manifests":[],"x":{{Nested(5000)}} }""" },
        { "both kinds", $$"""{"schemaVersion":2,"mediaType":"{{Content.DockerList}}","manifests":[],"layers":[],"config":{} }""" },
        { "mistyped", $$"""{"schemaVersion":"2","mediaType":"{{Content.DockerManifest}}","layers":{} }""" },
        { "another kind", """{"schemaVersion":2,"mediaType":"application/vnd.example.thing+json"}""" },
    };

    public async ValueTask InitializeAsync()
    {
        _server = await RegistryServer.StartAsync();
        await Client.PushImageAsync("good");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_document_that_cannot_be_read_is_served_as_what_it_says_it_is(string what, string text)
    {
        Assert.NotEmpty(what);
        var options = new JsonDocumentOptions { MaxDepth = 10_000 };
        string own = JsonDocument.Parse(text, options).RootElement.GetProperty("mediaType").GetString()!;
        await IsServedAsync(Content.Of(text), own);
    }

    [Fact]
    public async Task A_document_that_is_not_UTF_8_is_served_as_what_it_says_it_is() => await IsServedAsync(
        [
            .. Content.Of("""{"schemaVersion":2,"annotations":{"a":" """),
            0xFF,
            0xFE,
            .. Content.Of($$""" "},"mediaType":"{{Content.OciIndex}}"}"""),
        ],
        Content.OciIndex);

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("[\"mediaType\",\"a/b\"]")]
    [InlineData("{\"mediaType\":null}")]
    [InlineData("{\"mediaType\":5}")]
    [InlineData("{\"mediaType\":\"\"}")]
    [InlineData("{\"mediaType\":\"text/html\\r\\nX: y\"}")]
    [InlineData("{\"mediaType\":\"text/h\u00e4\"}")]
    [InlineData("{\"x\":{\"mediaType\":\"a/b\"}}")]
    [InlineData("{\"schemaVersion\":1,\"fsLayers\":[{\"blobSum\":\"sha256:abababababababababababababababababababababababababababababababab\"}]}")]
    public async Task A_document_that_says_nothing_of_its_type_is_served_as_bytes(string text) =>
        await IsServedAsync(Content.Of(text), "application/octet-stream");

    [Fact]
    public async Task A_document_longer_than_a_push_may_be_is_served()
    {
        string more = $$""","annotations":{"a":"{{new string('x', 6 << 20)}}"}""";
        await IsServedAsync(Content.Manifest([Content.Of("a layer")], more: more), Content.OciManifest);
    }

    [Fact]
    public async Task A_link_without_a_digest_is_ignored()
    {
        string digest = $"sha256:{new string('a', 64)}";
        string[] keys =
        [
            $"_manifests/revisions/sha256/{new string('a', 64)}/link",
            "_manifests/tags/odd/current/link",
            $"_layers/sha256/{new string('a', 64)}/link",
        ];
        foreach (string content in (string[])["", "x", new string('x', 600), $"{digest}\n"])
        {
            foreach (string key in keys)
            {
                await _server.Files.WriteAsync($"repositories/foo/bar/{key}", Content.Of(content));
            }

            await (await Client.GetAsync($"/v2/foo/bar/manifests/{digest}")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
            await (await Client.GetAsync("/v2/foo/bar/manifests/odd")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
            await (await Client.GetAsync($"/v2/foo/bar/blobs/{digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
            await TheRestGoesOnAsync();
        }
    }

    // What an engine reads as an empty string must not break the list of everything that is about the same subject.
    [Theory]
    [InlineData(""","annotations":{"x":null}""")]
    [InlineData(""","annotations":null""")]
    [InlineData(""","artifactType":null""")]
    public async Task A_null_that_was_pushed_breaks_no_subject(string more)
    {
        string subject = Content.Descriptor(Content.Of("subject"), Content.OciManifest);
        byte[] plain = Content.Manifest([Content.Of("a layer")], more: $",\"subject\":{subject}");
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("plain", plain)).StatusCode);
        byte[] odd = Content.Manifest([Content.Of("a layer")], more: $",\"subject\":{subject}{more}");
        HttpResponseMessage put = await Client.PutManifestAsync("odd", odd);
        Assert.True((int)put.StatusCode < 500, $"{put.StatusCode}");
        string path = $"/v2/foo/bar/referrers/{Content.Digest(Content.Of("subject"))}";
        JsonElement listed = (await (await Client.GetAsync(path)).JsonAsync()).GetProperty("manifests");
        Assert.Equal(put.IsSuccessStatusCode ? 2 : 1, listed.GetArrayLength());
        await StoreAsync(odd);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("""{"mediaType":null,"digest":"DIGEST","size":7}""")]
    [InlineData("""{"digest":"DIGEST","size":7}""")]
    [InlineData("""{"mediaType":"a/b","digest":"DIGEST","size":null}""")]
    [InlineData("""{"mediaType":"a/b","digest":null,"size":7}""")]
    [InlineData("""{"mediaType":"a/b","digest":"DIGEST","size":7,"urls":[null],"annotations":{"x":null},"platform":null,"data":null}""")]
    [InlineData("null")]
    public async Task A_null_in_a_descriptor_is_taken_or_refused(string descriptor)
    {
        descriptor = descriptor.Replace("DIGEST", Content.Digest(Content.Of("a layer")), StringComparison.Ordinal);
        string config = Content.Descriptor(Content.Config, Content.OciConfig);
        foreach (string text in (string[])
        [
            $$"""{"schemaVersion":2,"mediaType":"{{Content.OciManifest}}","config":{{config}},"layers":[{{descriptor}}]}""",
            $$"""{"schemaVersion":2,"mediaType":"{{Content.OciManifest}}","config":{{descriptor}},"layers":[]}""",
            $$"""{"schemaVersion":2,"mediaType":"{{Content.OciManifest}}","config":{{config}},"layers":[],"subject":{{descriptor}}}""",
            $$"""{"schemaVersion":2,"mediaType":"{{Content.OciIndex}}","manifests":[{{descriptor}}]}""",
        ])
        {
            byte[] document = Content.Of(text);
            HttpResponseMessage put = await Client.PutManifestAsync("odd", document, mediaType: null);
            Assert.True(put.StatusCode is HttpStatusCode.Created or HttpStatusCode.BadRequest, $"{put.StatusCode}: {text}");
            await IsServedAsync(document, null);
        }
    }

    private static string Nested(int depth) => $"{new string('[', depth)}{new string(']', depth)}";

    private async Task IsServedAsync(byte[] document, string? mediaType)
    {
        string digest = await StoreAsync(document);
        foreach (string reference in (string[])["odd", digest])
        {
            foreach (string method in (string[])["GET", "HEAD"])
            {
                HttpResponseMessage response = await Client.CallAsync(method, $"/v2/foo/bar/manifests/{reference}");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(digest, response.Header("Docker-Content-Digest"));
                Assert.Equal(document.Length, response.Content.Headers.ContentLength);
                if (mediaType is not null)
                {
                    Assert.Equal(mediaType, response.Header("Content-Type"));
                }

                Assert.Equal(method == "GET" ? document : [], await response.Content.ReadAsByteArrayAsync());
            }
        }

        await TheRestGoesOnAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await Client.DeleteAsync($"/v2/foo/bar/manifests/{digest}")).StatusCode);
        await (await Client.GetAsync("/v2/foo/bar/manifests/odd")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
    }

    private async Task TheRestGoesOnAsync()
    {
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync($"/v2/foo/bar/referrers/{Absent}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("/v2/foo/bar/tags/list")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("/v2/_catalog")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync("/v2/foo/bar/manifests/good")).StatusCode);
    }

    // As another registry on the same store would have written it.
    private async Task<string> StoreAsync(byte[] document)
    {
        string digest = Content.Digest(document);
        string hex = digest["sha256:".Length..];
        await _server.Files.WriteAsync($"blobs/sha256/{hex[..2]}/{hex}/data", document);
        await _server.Files.WriteAsync($"repositories/foo/bar/_manifests/revisions/sha256/{hex}/link", Encoding.ASCII.GetBytes(digest));
        await _server.Files.WriteAsync("repositories/foo/bar/_manifests/tags/odd/current/link", Encoding.ASCII.GetBytes(digest));
        return digest;
    }
}
