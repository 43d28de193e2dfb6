using System.Net;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>A storage that does not answer makes the registry say so. It never looks like content that is not
/// there.</summary>
public sealed class StorageAwayTests
{
    [Fact]
    public async Task A_registry_starts_without_its_storage_and_serves_when_it_is_there()
    {
        var storage = new SwitchedStorage { IsAway = true };
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Storage = storage, hosts: 1);
        await ExpectAwayAsync(server.Client);
        storage.IsAway = false;
        await WaitUntilReadyAsync(server.Client);
        byte[] manifest = await server.Client.PushImageAsync();
        Assert.Equal(manifest, await server.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    [Fact]
    public async Task A_storage_that_goes_away_while_it_is_served_is_503_until_it_is_back()
    {
        var storage = new SwitchedStorage();
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Storage = storage, hosts: 1);
        byte[] manifest = await server.Client.PushImageAsync();
        storage.IsAway = true;
        await ExpectAwayAsync(server.Client);
        storage.IsAway = false;
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(manifest, await server.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
    }

    private static async Task ExpectAwayAsync(HttpClient client)
    {
        string digest = Content.Digest([1]);
        foreach ((string method, string path) in ((string, string)[])
            [
                ("GET", "/v2/foo/bar/manifests/other"), ("HEAD", $"/v2/foo/bar/blobs/{digest}"), ("GET", $"/v2/foo/bar/blobs/{digest}"),
                ("GET", "/v2/foo/bar/tags/list"), ("GET", "/v2/_catalog"), ("POST", "/v2/foo/bar/blobs/uploads/"),
                ("PATCH", $"/v2/foo/bar/blobs/uploads/{Guid.NewGuid()}"), ("PUT", "/v2/foo/bar/manifests/latest"),
                ("DELETE", $"/v2/foo/bar/blobs/{digest}"),
            ])
        {
            HttpResponseMessage response = await client.CallAsync(method, path, method is "PUT" or "PATCH" ? Content.Manifest([]) : null);
            Assert.Equal((method, path, HttpStatusCode.ServiceUnavailable), (method, path, response.StatusCode));
            Assert.Equal("2", response.Header("Retry-After"));
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz")).StatusCode);
    }

    private static async Task WaitUntilReadyAsync(HttpClient client)
    {
        while ((await client.GetAsync("/readyz")).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(20);
        }
    }
}
