using System.Net;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>A registry over a storage that is not ours.</summary>
public sealed class OwnStorageTests
{
    [Fact]
    public async Task A_storage_can_be_written_with_the_public_api_alone()
    {
        var storage = new MemoryStorage();
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Storage = storage);
        byte[] manifest = await server.Client.PushImageAsync();
        Assert.Equal(manifest, await server.Client.GetByteArrayAsync("/v2/foo/bar/manifests/latest"));
        Assert.Equal(Content.Of("a layer"), await server.Client.GetByteArrayAsync($"/v2/foo/bar/blobs/{Content.Digest(Content.Of("a layer"))}"));
        Assert.Equal("""{"name":"foo/bar","tags":["latest"]}""" + "\n", await server.Client.GetStringAsync("/v2/foo/bar/tags/list"));
        Assert.Equal(HttpStatusCode.Accepted, (await server.Client.DeleteAsync("/v2/foo/bar/manifests/latest")).StatusCode);
        Assert.Equal(0, (await new RegistryCollector(storage).RunAsync()).Blobs);
    }

    [Fact]
    public async Task A_reference_that_such_a_storage_cannot_read_means_nothing()
    {
        var storage = new MemoryStorage();
        ((MemoryReferences)storage.References).Break(RegistryReference.OfTag("foo", "t"));
        Assert.Null(await new RegistryStore(storage).FindManifestAsync("foo", "t"));
    }

    [Fact]
    public async Task Garbage_in_such_a_storage_is_collected()
    {
        var storage = new MemoryStorage();
        await using (RegistryServer server = await RegistryServer.StartAsync(options => options.Storage = storage))
        {
            await server.Client.PushImageAsync();
            await server.Client.PushBlobAsync([1]);
        }

        Assert.Equal(1, (await new RegistryCollector(storage).RunAsync(new CollectionOptions { MinimumAge = TimeSpan.Zero })).Blobs);
    }
}
