using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Images;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>A pull from a mirror that has something else.</summary>
public sealed class MirrorPullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_layer_with_wrong_bytes_is_pulled_again_from_the_registry()
    {
        var fake = new FakeRegistry();
        var image = new RemoteImage(fake);
        byte[] wrong = [.. image.Blobs[1]];
        wrong[^9] ^= 1;
        fake.On("GET https://mirror.example/v2/", _ => FakeRegistry.Text("{}"))
            .On($"GET https://mirror.example{image.PathOfLayer(0)}", _ => FakeRegistry.Bytes(image.Blobs[0]))
            .On($"GET https://mirror.example{image.PathOfLayer(1)}", _ => FakeRegistry.Bytes(wrong));
        using var client = new RegistryClient(fake.Options() with
        {
            Mirrors = [new RegistryMirror(FakeRegistry.Domain, new Uri("https://mirror.example"))],
        });
        DockerRoot root = DockerRoot.Open(_folder["root"]);
        TakenImage pulled = await ImagePuller.PullAsync(client, FakeRegistry.Image, root, new PullOptions { LayersAtOnce = 1 });
        Assert.Equal(image.DiffIds.Count, pulled.LayerCount);
        Assert.Equal(image.DiffIds.Count, root.Layers.Layers().Count());
        Assert.DoesNotContain(fake.Asked, line => line == $"GET {image.PathOfLayer(0)}");
        Assert.Single(fake.Asked, line => line == $"GET {image.PathOfLayer(1)}");
    }
}
