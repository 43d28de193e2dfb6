using System.Net;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>OCI distribution-spec 1.1, workflow "Content Management".</summary>
public sealed class ContentManagementTests : IAsyncLifetime
{
    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await RegistryServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_tag_is_deleted_and_its_manifest_stays()
    {
        byte[] manifest = await Client.PushImageAsync();
        HttpResponseMessage response = await Client.DeleteAsync("/v2/foo/bar/manifests/latest");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(0, response.Content.Headers.ContentLength);
        await (await Client.GetAsync("/v2/foo/bar/manifests/latest")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
        Assert.Equal(manifest, await Client.GetByteArrayAsync($"/v2/foo/bar/manifests/{Content.Digest(manifest)}"));
        await (await Client.DeleteAsync("/v2/foo/bar/manifests/latest")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_manifest_is_deleted_by_digest_with_every_tag_that_means_it()
    {
        byte[] manifest = await Client.PushImageAsync("one");
        await Client.PutManifestAsync("two", manifest);
        byte[] other = await Client.PushImageAsync("three", layer: "another layer");
        string digest = Content.Digest(manifest);
        Assert.Equal(HttpStatusCode.Accepted, (await Client.DeleteAsync($"/v2/foo/bar/manifests/{digest}")).StatusCode);
        foreach (string reference in new[] { "one", "two", digest })
        {
            await (await Client.GetAsync($"/v2/foo/bar/manifests/{reference}")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
        }

        Assert.Equal(other, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/three"));
        Assert.Equal("{\"name\":\"foo/bar\",\"tags\":[\"three\"]}\n", await Client.GetStringAsync("/v2/foo/bar/tags/list"));
        await (await Client.DeleteAsync($"/v2/foo/bar/manifests/{digest}")).ExpectErrorAsync(404, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_deleted_manifest_can_be_pushed_again()
    {
        byte[] manifest = await Client.PushImageAsync();
        await Client.DeleteAsync($"/v2/foo/bar/manifests/{Content.Digest(manifest)}");
        await Client.PutManifestAsync("latest", manifest);
        Assert.Equal(manifest, await Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    [Fact]
    public async Task A_blob_is_deleted_from_its_repository_only()
    {
        byte[] layer = Content.Of("a layer");
        string digest = await Client.PushBlobAsync(layer, "one");
        await Client.PushBlobAsync(layer, "two");
        HttpResponseMessage response = await Client.DeleteAsync($"/v2/one/blobs/{digest}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(0, response.Content.Headers.ContentLength);
        await (await Client.GetAsync($"/v2/one/blobs/{digest}")).ExpectErrorAsync(404, "BLOB_UNKNOWN");
        Assert.Equal(layer, await Client.GetByteArrayAsync($"/v2/two/blobs/{digest}"));
    }

    [Fact]
    public async Task A_deleted_blob_can_be_pushed_again()
    {
        string digest = await Client.PushBlobAsync([1, 2, 3]);
        await Client.DeleteAsync($"/v2/foo/bar/blobs/{digest}");
        await Client.PushBlobAsync([1, 2, 3]);
        Assert.Equal([1, 2, 3], await Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{digest}"));
    }

    [Theory]
    [InlineData("POST", "/v2/foo/bar/blobs/uploads/")]
    [InlineData("PUT", "/v2/foo/bar/manifests/latest")]
    [InlineData("DELETE", "/v2/foo/bar/manifests/latest")]
    [InlineData("DELETE", "/v2/foo/bar/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")]
    public async Task A_read_only_registry_rejects_changes(string method, string path)
    {
        byte[] manifest = await Client.PushImageAsync();
        await using RegistryServer frozen = await RegistryServer.StartAsync(options => options.ReadOnly = true, _server.Root);
        await (await frozen.Client.CallAsync(method, path)).ExpectErrorAsync(405, "UNSUPPORTED");
        Assert.Equal(manifest, await frozen.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    // With what is on disk before an answer: directories are flushed that another request may be removing.
    [Fact]
    public async Task Pushes_and_deletions_of_one_tag_at_once_never_fail()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(
            durable =>
            {
                if (durable.Storage is FileSystemStorage directory)
                {
                    durable.UseFileSystem(directory.Root, Durability.Commit);
                }
            });
        byte[] manifest = await server.Client.PushImageAsync();
        string digest = Content.Digest(manifest);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async worker =>
        {
            for (int i = 0; i < 100; i++)
            {
                HttpResponseMessage response = (worker % 6) switch
                {
                    0 or 1 => await server.Client.PutManifestAsync("t", manifest),
                    2 => await server.Client.DeleteAsync("/v2/foo/bar/manifests/t"),
                    3 => await server.Client.DeleteAsync($"/v2/foo/bar/manifests/{digest}"),
                    4 => await server.Client.GetAsync("/v2/foo/bar/manifests/t"),
                    _ => await server.Client.GetAsync("/v2/foo/bar/tags/list"),
                };
                Assert.True((int)response.StatusCode < 500, $"{response.RequestMessage}: {response.StatusCode}");
            }
        }));
    }
}
