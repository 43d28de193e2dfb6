using System.Net;
using System.Text.Json;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>OCI distribution-spec 1.1, workflow "Push": manifests.</summary>
public sealed class PushingManifestsTests : IAsyncLifetime
{
    private static readonly byte[] Layer = Content.Of("a layer");

    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync()
    {
        _server = await RegistryServer.StartAsync();
        await Client.PushBlobAsync(Content.Config);
        await Client.PushBlobAsync(Layer);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("latest")]
    [InlineData("v1.0_x-Y")]
    [InlineData(null)]
    public async Task A_manifest_is_pushed_by_tag_or_by_digest(string? tag)
    {
        byte[] manifest = Content.Manifest([Layer]);
        string digest = Content.Digest(manifest);
        HttpResponseMessage response = await Client.PutManifestAsync(tag ?? digest, manifest);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/v2/foo/bar/manifests/{digest}", response.Headers.Location!.OriginalString);
        Assert.Equal(digest, response.Header("Docker-Content-Digest"));
        Assert.Null(response.Header("OCI-Subject"));
        Assert.Equal(manifest, await Client.GetByteArrayAsync($"/v2/foo/bar/manifests/{tag ?? digest}"));
    }

    [Fact]
    public async Task Files_are_those_that_docker_registry_writes()
    {
        byte[] manifest = Content.Manifest([Layer]);
        await Client.PutManifestAsync("latest", manifest);
        string digest = Content.Digest(manifest);
        string hex = digest["sha256:".Length..];
        const string Manifests = "repositories/foo/bar/_manifests";
        Assert.Equal(digest, await _server.Files.ReadTextAsync($"{Manifests}/revisions/sha256/{hex}/link"));
        Assert.Equal(digest, await _server.Files.ReadTextAsync($"{Manifests}/tags/latest/current/link"));
        Assert.Equal(digest, await _server.Files.ReadTextAsync($"{Manifests}/tags/latest/index/sha256/{hex}/link"));
        Assert.Equal(manifest, await _server.Files.ReadAsync($"blobs/sha256/{hex[..2]}/{hex}/data"));
        Assert.DoesNotContain(await _server.Files.ListAsync(""), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tag_moves_and_remembers_what_it_meant()
    {
        byte[] first = Content.Manifest([Layer]);
        byte[] second = Content.Manifest([Layer], more: ""","annotations":{"a":"b"}""");
        await Client.PutManifestAsync("latest", first);
        Assert.Equal(first, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
        await Client.PutManifestAsync("latest", second);
        Assert.Equal(second, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
        Assert.Equal(2, (await _server.Files.ListAsync("repositories/foo/bar/_manifests/tags/latest/index/sha256")).Length);
    }

    [Theory]
    [InlineData(Content.OciManifest)]
    [InlineData(Content.DockerManifest)]
    public async Task Images_of_both_kinds_are_taken_and_keep_their_type(string mediaType)
    {
        byte[] manifest = Content.Manifest([Layer], mediaType);
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("t", manifest, mediaType)).StatusCode);
        Assert.Equal(mediaType, (await Client.GetAsync("/v2/foo/bar/manifests/t")).Header("Content-Type"));
    }

    [Theory]
    [InlineData(Content.OciIndex)]
    [InlineData(Content.DockerList)]
    public async Task Indexes_of_both_kinds_are_taken_and_keep_their_type(string mediaType)
    {
        byte[] manifest = Content.Manifest([Layer]);
        await Client.PutManifestAsync(Content.Digest(manifest), manifest);
        byte[] index = Content.Index([manifest], mediaType);
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("t", index, mediaType)).StatusCode);
        Assert.Equal(mediaType, (await Client.GetAsync("/v2/foo/bar/manifests/t")).Header("Content-Type"));
    }

    [Fact]
    public async Task An_OCI_document_need_not_name_its_type()
    {
        byte[] manifest = Content.Of(
            $$"""{"schemaVersion":2,"config":{{Content.Descriptor(Content.Config, Content.OciConfig)}},"layers":[]}""");
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("t", manifest)).StatusCode);
        Assert.Equal(Content.OciManifest, (await Client.GetAsync("/v2/foo/bar/manifests/t")).Header("Content-Type"));
    }

    [Fact]
    public async Task A_manifest_may_be_named_by_SHA_512()
    {
        byte[] manifest = Content.Manifest([Layer]);
        string digest = Content.Digest512(manifest);
        HttpResponseMessage response = await Client.PutManifestAsync(digest, manifest);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(digest, response.Header("Docker-Content-Digest"));
        HttpResponseMessage pulled = await Client.GetAsync($"/v2/foo/bar/manifests/{digest}");
        Assert.Equal(manifest, await pulled.Content.ReadAsByteArrayAsync());
        Assert.Equal(digest, pulled.Header("Docker-Content-Digest"));
        Assert.Equal(HttpStatusCode.Accepted, (await Client.DeleteAsync($"/v2/foo/bar/manifests/{digest}")).StatusCode);
        await (await Client.GetAsync($"/v2/foo/bar/manifests/{digest}")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1}""")]
    [InlineData("""{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""")]
    [InlineData("""{"schemaVersion":null,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""")]
    public async Task An_invalid_manifest_is_MANIFEST_INVALID(string text) =>
        await (await Client.PutManifestAsync("t", Content.Of(text))).ExpectErrorAsync(400, "MANIFEST_INVALID");

    [Theory]
    [InlineData(Content.OciManifest, Content.DockerManifest)]
    [InlineData(Content.DockerManifest, Content.OciManifest)]
    [InlineData(Content.OciManifest, Content.OciIndex)]
    [InlineData(Content.OciManifest, "text/plain")]
    public async Task A_manifest_sent_as_something_else_is_MANIFEST_INVALID(string own, string sent) =>
        await (await Client.PutManifestAsync("t", Content.Manifest([Layer], own), sent)).ExpectErrorAsync(400, "MANIFEST_INVALID");

    [Fact]
    public async Task A_manifest_with_another_digest_is_DIGEST_INVALID() =>
        await (await Client.PutManifestAsync(Content.Digest([]), Content.Manifest([Layer]))).ExpectErrorAsync(400, "DIGEST_INVALID");

    [Fact]
    public async Task A_reference_that_is_neither_tag_nor_digest_is_TAG_INVALID() =>
        await (await Client.PutManifestAsync(".hidden", Content.Manifest([Layer]))).ExpectErrorAsync(400, "TAG_INVALID");

    [Fact]
    public async Task Every_missing_blob_is_reported()
    {
        byte[] one = Content.Of("one");
        byte[] two = Content.Of("two");
        HttpResponseMessage response = await Client.PutManifestAsync("t", Content.Manifest([Layer, one, two]));
        JsonElement errors = (await response.JsonAsync()).GetProperty("errors");
        await response.ExpectErrorAsync(400, "MANIFEST_BLOB_UNKNOWN");
        Assert.Equal(
            [Content.Digest(one), Content.Digest(two)],
            errors.EnumerateArray().Select(error => error.GetProperty("detail").GetString()!));
        await (await Client.GetAsync("/v2/foo/bar/manifests/t")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_manifest_of_an_index_must_be_in_the_same_repository()
    {
        byte[] manifest = await Client.PushImageAsync(repository: "other");
        HttpResponseMessage response = await Client.PutManifestAsync("t", Content.Index([manifest]), Content.OciIndex);
        await response.ExpectErrorAsync(400, "MANIFEST_BLOB_UNKNOWN");
    }

    // BuildKit's cache with image-manifest=false; docker-registry 2.8 takes it.
    [Theory]
    [InlineData(Content.OciIndex)]
    [InlineData(Content.DockerList)]
    public async Task An_index_may_name_blobs(string mediaType)
    {
        byte[] manifest = Content.Manifest([Layer]);
        await Client.PutManifestAsync(Content.Digest(manifest), manifest);
        foreach (string type in (string[])["application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.buildkit.cacheconfig.v0", Content.OciManifest, ""])
        {
            byte[] index = Content.Of(
                $$"""{"schemaVersion":2,"mediaType":"{{mediaType}}","manifests":[{{Content.Descriptor(Layer, type)}},{{Content.Descriptor(manifest, type)}}]}""");
            Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("cache", index, mediaType)).StatusCode);
            Assert.Equal(index, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/cache"));
        }
    }

    [Fact]
    public async Task A_blob_of_an_index_must_be_in_the_same_repository()
    {
        byte[] other = Content.Of("of another repository");
        await Client.PushBlobAsync(other, "other");
        HttpResponseMessage response = await Client.PutManifestAsync("t", Content.Index([other]), Content.OciIndex);
        await response.ExpectErrorAsync(400, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task A_type_in_capitals_is_the_same_type() => Assert.Equal(
        HttpStatusCode.Created,
        (await Client.PutManifestAsync("t", Content.Manifest([Layer]), $"{Content.OciManifest.ToUpperInvariant()}; charset=utf-8")).StatusCode);

    // docker-registry looks for no blob with addresses whose type it does not know.
    [Theory]
    [InlineData("application/vnd.example.data", ""","urls":["https://example.org/x"]""", true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", ""","urls":["https://example.org/x"]""", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar+gzip", ""","urls":["https://example.org/x"]""", false)]
    [InlineData("application/vnd.example.data", ""","urls":[]""", false)]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "", false)]
    public async Task A_blob_with_an_address_need_not_be_here_unless_engines_look_for_it_here(string type, string more, bool isTaken)
    {
        byte[] manifest = Content.Of(
            $$"""{"schemaVersion":2,"config":{{Content.Descriptor(Content.Config)}},"layers":[{{Content.Descriptor([1], type, more)}}]}""");
        Assert.Equal(isTaken ? HttpStatusCode.Created : HttpStatusCode.BadRequest, (await Client.PutManifestAsync("t", manifest)).StatusCode);
    }

    [Fact]
    public async Task A_foreign_layer_with_an_address_need_not_be_here()
    {
        string foreign = Content.Descriptor(
            Content.Of("elsewhere"), "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", ""","urls":["https://example.org/x"]""");
        byte[] manifest = Content.Of(
            $$"""{"schemaVersion":2,"mediaType":"{{Content.DockerManifest}}","config":{{Content.Descriptor(Content.Config)}},"layers":[{{foreign}}]}""");
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("t", manifest, Content.DockerManifest)).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_over_the_limit_is_413(bool isChunked)
    {
        byte[] large = Content.Manifest([Layer], more: $$""","annotations":{"a":"{{new string('x', 4 << 20)}}"}""");
        var request = new HttpRequestMessage(HttpMethod.Put, "/v2/foo/bar/manifests/t")
        {
            Content = isChunked ? new StreamContent(new MemoryStream(large)) : new ByteArrayContent(large),
        };
        request.Headers.TransferEncodingChunked = isChunked ? true : null;
        request.Headers.ExpectContinue = true;
        await (await Client.SendAsync(request)).ExpectErrorAsync(413, "SIZE_INVALID");
    }

    [Fact]
    public async Task A_manifest_just_below_the_limit_is_taken()
    {
        byte[] large = Content.Manifest([Layer], more: $$""","annotations":{"a":"{{new string('x', (4 << 20) - 1000)}}"}""");
        Assert.Equal(HttpStatusCode.Created, (await Client.PutManifestAsync("t", large)).StatusCode);
        Assert.Equal(large, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/t"));
    }

    [Fact]
    public async Task A_subject_is_confirmed_and_need_not_be_there()
    {
        byte[] absent = Content.Of("absent");
        byte[] manifest = Content.Manifest([], more: $$""","subject":{{Content.Descriptor(absent, Content.OciManifest)}}""");
        HttpResponseMessage response = await Client.PutManifestAsync(Content.Digest(manifest), manifest);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(Content.Digest(absent), response.Header("OCI-Subject"));
    }

    [Fact]
    public async Task A_damaged_manifest_is_not_served()
    {
        byte[] manifest = Content.Manifest([Layer]);
        string hex = Content.Digest(manifest)["sha256:".Length..];
        await Client.PutManifestAsync("t", manifest);
        manifest[^2] ^= 1;
        await _server.Files.WriteAsync($"blobs/sha256/{hex[..2]}/{hex}/data", manifest);
        await (await Client.GetAsync("/v2/foo/bar/manifests/t")).ExpectErrorAsync(500, "UNKNOWN");
    }
}
