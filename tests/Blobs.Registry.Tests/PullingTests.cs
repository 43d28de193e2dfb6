using System.Net;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>OCI distribution-spec 1.1, workflow "Pull".</summary>
public sealed class PullingTests : IAsyncLifetime
{
    private static readonly byte[] Layer = Content.Random(200_000);
    private static readonly string Digest = Content.Digest(Layer);

    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/v2")]
    public async Task The_base_says_that_the_API_is_here(string path)
    {
        HttpResponseMessage response = await Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());
        Assert.Equal("registry/2.0", response.Header("Docker-Distribution-Api-Version"));
    }

    [Theory]
    [InlineData("/v2/foo")]
    [InlineData("/v2/_other")]
    [InlineData("/v2/foo/bar/unknown/x")]
    [InlineData("/v2/manifests/latest")]
    public async Task An_unknown_path_is_not_found(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync(path)).StatusCode);

    [Theory]
    [InlineData("UPPER")]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("_a")]
    [InlineData("a/-b")]
    [InlineData("a/..%2f..%2fb")]
    public async Task A_malformed_name_is_NAME_INVALID(string name) =>
        await (await Client.GetAsync($"/v2/{name}/tags/list")).ExpectErrorAsync(400, "NAME_INVALID");

    [Fact]
    public async Task A_name_of_more_than_255_characters_is_NAME_INVALID() =>
        await (await Client.GetAsync($"/v2/{new string('a', 256)}/tags/list")).ExpectErrorAsync(400, "NAME_INVALID");

    [Theory]
    [InlineData("a/blobs/uploads")]
    [InlineData("manifests/manifests")]
    [InlineData("tags/list")]
    public async Task A_name_may_look_like_a_route(string name)
    {
        byte[] manifest = await Client.PushImageAsync(repository: name);
        Assert.Equal(manifest, await Client.GetByteArrayAsync($"/v2/{name}/manifests/latest"));
    }

    [Fact]
    public async Task A_blob_comes_with_its_digest_and_length()
    {
        await Client.PushBlobAsync(Layer);
        HttpResponseMessage response = await Client.GetAsync($"/v2/foo/bar/blobs/{Digest}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Layer, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(Digest, response.Header("Docker-Content-Digest"));
        Assert.Equal($"\"{Digest}\"", response.Header("ETag"));
        Assert.Equal("application/octet-stream", response.Header("Content-Type"));
        Assert.Equal("max-age=31536000", response.Header("Cache-Control"));
        Assert.Equal("bytes", response.Header("Accept-Ranges"));
    }

    [Fact]
    public async Task HEAD_of_a_blob_says_its_length_without_a_body()
    {
        await Client.PushBlobAsync(Layer);
        HttpResponseMessage response = await Client.CallAsync("HEAD", $"/v2/foo/bar/blobs/{Digest}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Layer.Length, response.Content.Headers.ContentLength);
        Assert.Equal(Digest, response.Header("Docker-Content-Digest"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task A_blob_that_is_not_there_is_BLOB_UNKNOWN(string method) =>
        await (await Client.CallAsync(method, $"/v2/foo/bar/blobs/{Digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");

    [Fact]
    public async Task HEAD_of_a_blob_that_is_not_there_is_404() =>
        Assert.Equal(HttpStatusCode.NotFound, (await Client.CallAsync("HEAD", $"/v2/foo/bar/blobs/{Digest}")).StatusCode);

    [Fact]
    public async Task A_blob_belongs_to_the_repository_it_was_pushed_to()
    {
        await Client.PushBlobAsync(Layer, "one");
        await (await Client.GetAsync($"/v2/two/blobs/{Digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
    }

    // The reference registry answers 500 to some of these.
    [Theory]
    [InlineData("GET", "blobs/sha256:abc")]
    [InlineData("GET", "blobs/latest")]
    [InlineData("GET", "blobs/md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("DELETE", "blobs/sha256:")]
    [InlineData("GET", "manifests/sha256:ABC")]
    [InlineData("GET", "manifests/sha512:00")]
    [InlineData("DELETE", "manifests/x:y")]
    [InlineData("GET", "referrers/latest")]
    public async Task A_malformed_digest_is_DIGEST_INVALID(string method, string path) =>
        await (await Client.CallAsync(method, $"/v2/foo/bar/{path}")).ExpectErrorAsync(400, "DIGEST_INVALID");

    [Theory]
    [InlineData("bytes=0-0", 0, 0)]
    [InlineData("bytes=10-19", 10, 19)]
    [InlineData("bytes=199999-", 199_999, 199_999)]
    [InlineData("bytes=-100", 199_900, 199_999)]
    [InlineData("bytes=100000-999999999", 100_000, 199_999)]
    [InlineData("bytes=-999999999", 0, 199_999)]
    public async Task A_range_of_a_blob_is_206(string range, int first, int last)
    {
        await Client.PushBlobAsync(Layer);
        HttpResponseMessage response = await Client.CallAsync("GET", $"/v2/foo/bar/blobs/{Digest}", null, ("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {first}-{last}/200000", response.Header("Content-Range"));
        Assert.Equal(Layer[first..(last + 1)], await response.Content.ReadAsByteArrayAsync());
    }

    // The reference registry sends a body that does not fit the length it announced.
    [Theory]
    [InlineData("bytes=200000-")]
    [InlineData("bytes=300000-300001")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_is_416_and_says_how_long_the_blob_is(string range)
    {
        await Client.PushBlobAsync(Layer);
        HttpResponseMessage response = await Client.CallAsync("GET", $"/v2/foo/bar/blobs/{Digest}", null, ("Range", range));
        await response.ExpectErrorAsync(416, "RANGE_INVALID");
        Assert.Equal("bytes */200000", response.Header("Content-Range"));
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=9-1")]
    [InlineData("nonsense")]
    public async Task A_range_that_is_not_served_is_answered_with_everything(string range)
    {
        await Client.PushBlobAsync(Layer);
        HttpResponseMessage response = await Client.CallAsync("GET", $"/v2/foo/bar/blobs/{Digest}", null, ("Range", range));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Layer.Length, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task If_Range_with_another_tag_gives_everything()
    {
        await Client.PushBlobAsync(Layer);
        string path = $"/v2/foo/bar/blobs/{Digest}";
        HttpResponseMessage other = await Client.CallAsync("GET", path, null, ("Range", "bytes=0-1"), ("If-Range", "\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        HttpResponseMessage same = await Client.CallAsync("GET", path, null, ("Range", "bytes=0-1"), ("If-Range", $"\"{Digest}\""));
        Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
    }

    [Theory]
    [InlineData("\"{0}\"")]
    [InlineData("{0}")]
    [InlineData("W/\"{0}\"")]
    [InlineData("\"other\", \"{0}\"")]
    [InlineData("*")]
    public async Task Content_that_the_client_has_is_304(string format)
    {
        await Client.PushBlobAsync(Layer);
        byte[] manifest = await Client.PushImageAsync();
        foreach ((string path, string digest) in new[] { ("blobs/" + Digest, Digest), ("manifests/latest", Content.Digest(manifest)) })
        {
            string condition = format.Replace("{0}", digest, StringComparison.Ordinal);
            HttpResponseMessage response = await Client.CallAsync("GET", $"/v2/foo/bar/{path}", null, ("If-None-Match", condition));
            Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
            Assert.Equal($"\"{digest}\"", response.Header("ETag"));
        }
    }

    [Fact]
    public async Task An_empty_blob_can_be_pulled()
    {
        string digest = await Client.PushBlobAsync([]);
        HttpResponseMessage response = await Client.GetAsync($"/v2/foo/bar/blobs/{digest}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_manifest_comes_by_tag_and_by_digest_byte_for_byte()
    {
        byte[] manifest = await Client.PushImageAsync();
        string digest = Content.Digest(manifest);
        foreach (string reference in new[] { "latest", digest })
        {
            foreach (string method in new[] { "GET", "HEAD" })
            {
                HttpResponseMessage response = await Client.CallAsync(method, $"/v2/foo/bar/manifests/{reference}");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(Content.OciManifest, response.Header("Content-Type"));
                Assert.Equal(digest, response.Header("Docker-Content-Digest"));
                Assert.Equal(manifest.Length, response.Content.Headers.ContentLength);
                Assert.Equal(method == "GET" ? manifest : [], await response.Content.ReadAsByteArrayAsync());
            }
        }
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData(".INVALID_MANIFEST_NAME")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_manifest_that_is_not_there_is_MANIFEST_UNKNOWN(string reference) =>
        await (await Client.GetAsync($"/v2/foo/bar/manifests/{reference}")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");

    [Theory]
    [InlineData("POST", "/v2/foo/bar/manifests/latest", "GET, HEAD, PUT, DELETE")]
    [InlineData("PUT", "/v2/foo/bar/tags/list", "GET, HEAD")]
    [InlineData("GET", "/v2/foo/bar/blobs/uploads/", "POST")]
    [InlineData("PATCH", "/v2/_catalog", "GET, HEAD")]
    public async Task A_method_that_a_route_does_not_have_is_405(string method, string path, string allowed)
    {
        HttpResponseMessage response = await Client.CallAsync(method, path);
        await response.ExpectErrorAsync(405, "UNSUPPORTED");
        Assert.Equal(allowed, response.Header("Allow"));
    }
}
