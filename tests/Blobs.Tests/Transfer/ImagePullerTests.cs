using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

public sealed class ImagePullTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-").FullName;
    private readonly FakeRegistry _fake = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("overlay2", false)]
    [InlineData("vfs", false)]
    [InlineData("overlay2", true)]
    public async Task An_image_gets_its_tag_and_its_digest(string driver, bool isSha512)
    {
        var image = new RemoteImage(_fake, isSha512: isSha512);
        DockerRoot root = Root(driver);
        TakenImage taken = await PullAsync(root);
        Assert.Equal(image.Manifest.Digest, taken.Manifest);
        Assert.Equal(image.Manifest.Config.Digest, taken.Id);
        Assert.Equal(3, taken.NewLayers);
        Assert.Equal(
            [$"{FakeRegistry.Domain}/app:1", $"{FakeRegistry.Domain}/app@{image.Manifest.Digest}"],
            root.Names.Read().Of(taken.Id).Select(name => $"{name}").Order());
        Assert.All(image.DiffIds, (layer, index) =>
            Assert.Equal(image.Manifest.Layers[index].Digest, Assert.Single(root.Distribution.SourcesOf(layer)).Digest));
    }

    [Fact]
    public async Task An_error_in_a_document_names_the_image()
    {
        byte[] config = System.Text.Encoding.UTF8.GetBytes("""{"created":"yesterday","rootfs":{"type":"layers"}}""");
        Descriptor described = FakeRegistry.Describe(config);
        ImageManifest manifest = ManifestWriter.Image(MediaTypes.OciManifest, described, []);
        _fake.On("GET /v2/app/manifests/1", _ => FakeRegistry.Bytes("[]"u8.ToArray(), MediaTypes.OciManifest),
                _ => FakeRegistry.Bytes(manifest.Bytes.ToArray(), MediaTypes.OciManifest))
            .On($"GET /v2/app/blobs/{described.Digest}", _ => FakeRegistry.Bytes(config));
        foreach (string error in (string[])["", "image config: $.created: "])
        {
            MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => PullAsync(Root()));
            Assert.StartsWith($"{FakeRegistry.Domain}/app:1: {error}", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_second_time_only_the_manifest_is_asked_for()
    {
        _ = new RemoteImage(_fake);
        DockerRoot root = Root();
        await PullAsync(root);
        _fake.Asked.Clear();
        Assert.Equal(0, (await PullAsync(root)).NewLayers);
        Assert.Equal(["GET /v2/", "GET /v2/app/manifests/1"], _fake.Asked);
    }

    [Fact]
    public async Task Complete_layers_survive_a_failed_pull_and_are_not_fetched_again()
    {
        var image = new RemoteImage(_fake);
        DockerRoot root = Root();
        _fake.On($"GET {image.PathOfLayer(2)}", _ => FakeRegistry.Status(404), _ => FakeRegistry.Bytes(image.Blobs[2]));
        await Assert.ThrowsAsync<RegistryException>(() => PullAsync(root, new PullOptions { LayersAtOnce = 1 }));
        Assert.Equal(2, root.Layers.Layers().Count());
        Assert.Empty(root.Images.Images());
        Assert.Empty(root.Names.Read().All);
        _fake.Asked.Clear();
        Assert.Equal(1, (await PullAsync(root)).NewLayers);
        Assert.Single(_fake.Asked, line => image.Manifest.Layers.Any(layer => line.Contains(layer.Digest.Hex, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_layer_that_is_another_one_leaves_no_image()
    {
        var image = new RemoteImage(_fake);
        byte[] other = [.. image.Blobs[1]];
        other[^1] ^= 1;
        _fake.On($"GET {image.PathOfLayer(1)}", _ => FakeRegistry.Bytes(other));
        DockerRoot root = Root();
        Directory.CreateDirectory(Path.Combine(root.Path, "image", root.DriverName));
        await Assert.ThrowsAnyAsync<BlobsException>(() => PullAsync(root, new PullOptions { KeepBlobs = true }));
        Assert.Empty(root.Images.Images());
        Assert.False(new BlobDirectory(root.Path).Contains(image.Manifest.Layers[1].Digest));
    }

    [Fact]
    public async Task A_partial_kept_blob_is_resumed()
    {
        var image = new RemoteImage(_fake, layerCount: 1);
        int half = image.Blobs[0].Length / 2;
        _fake.On(
            $"GET {image.PathOfLayer(0)}",
            _ => FakeRegistry.Stream(new BrokenBody(image.Blobs[0][..half], BrokenBody.End.Reset)),
            _ => FakeRegistry.Status(404),
            request =>
            {
                HttpResponseMessage rest = FakeRegistry.Bytes(image.Blobs[0][half..]);
                rest.StatusCode = System.Net.HttpStatusCode.PartialContent;
                rest.Content.Headers.ContentRange = new(half, image.Blobs[0].Length - 1, image.Blobs[0].Length);
                return rest;
            });
        DockerRoot root = Root();
        var keeping = new PullOptions { KeepBlobs = true };
        await Assert.ThrowsAsync<RegistryException>(() => PullAsync(root, keeping));
        await PullAsync(root, keeping);
        Assert.Equal(half, _fake.Requests[^1].Headers.Range!.Ranges.Single().From);
        var blobs = new BlobDirectory(root.Path);
        Assert.True(blobs.Contains(image.Manifest.Layers[0].Digest));
        Assert.True(blobs.Contains(image.Manifest.Digest));
    }

    [Fact]
    public async Task A_corrupt_partial_blob_is_fetched_again_by_the_same_pull()
    {
        var image = new RemoteImage(_fake, layerCount: 1);
        byte[] whole = image.Blobs[0];
        int half = whole.Length / 2;
        byte[] torn = [.. whole[..half]];
        torn.AsSpan(half / 2).Clear();
        DockerRoot root = Root();
        await using (PartialBlob kept = new BlobDirectory(root.Path).TryResume(image.Manifest.Layers[0].Digest)!)
        {
            kept.Write(torn);
        }

        _fake.On(
            $"GET {image.PathOfLayer(0)}",
            request =>
            {
                HttpResponseMessage rest = FakeRegistry.Bytes(whole[half..]);
                rest.StatusCode = System.Net.HttpStatusCode.PartialContent;
                rest.Content.Headers.ContentRange = new(half, whole.Length - 1, whole.Length);
                return rest;
            },
            _ => FakeRegistry.Bytes(whole));
        await PullAsync(root, new PullOptions { KeepBlobs = true });
        Assert.Null(_fake.Requests[^1].Headers.Range);
        Assert.True(new BlobDirectory(root.Path).Contains(image.Manifest.Layers[0].Digest));
    }

    [Fact]
    public async Task Layers_come_from_kept_blobs_where_there_are_any()
    {
        var image = new RemoteImage(_fake);
        DockerRoot root = Root();
        await PullAsync(root, new PullOptions { KeepBlobs = true });
        Directory.Delete(Path.Combine(root.Path, "image"), recursive: true);
        Directory.Delete(Path.Combine(root.Path, "overlay2"), recursive: true);
        _fake.Asked.Clear();
        await PullAsync(Root(), new PullOptions { KeepBlobs = true });
        Assert.DoesNotContain(_fake.Asked, line => line.Contains(image.Manifest.Layers[0].Digest.Hex, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_platform_that_is_not_offered_is_an_error_that_tells_what_is()
    {
        var image = new RemoteImage(_fake);
        var platform = new Platform { Os = "linux", Architecture = "riscv64" };
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(
            () => PullAsync(Root(), new PullOptions { Platform = platform }));
        Assert.Contains("no image for linux/riscv64, only for linux/amd64", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fake.Asked, line => line.Contains(image.Manifest.Layers[0].Digest.Hex, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pull_that_fails_leaves_no_directory_for_blobs()
    {
        await Assert.ThrowsAsync<RegistryException>(() => PullAsync(Root(), new PullOptions { KeepBlobs = true }));
        var image = new RemoteImage(_fake, layerCount: 1);
        _fake.On($"GET {image.PathOfLayer(0)}", _ => FakeRegistry.Bytes(new byte[image.Blobs[0].Length]));
        await Assert.ThrowsAnyAsync<BlobsException>(() => PullAsync(Root(), new PullOptions { KeepBlobs = true }));
        Assert.False(Directory.Exists(Path.Combine(_folder, "root")));
    }

    [Fact]
    public async Task A_cancelled_pull_leaves_no_image()
    {
        var image = new RemoteImage(_fake, layerCount: 1);
        _fake.On($"GET {image.PathOfLayer(0)}", _ => FakeRegistry.Stream(new BrokenBody(image.Blobs[0][..10], BrokenBody.End.Silence)));
        DockerRoot root = Root();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        using RegistryClient client = _fake.Client();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ImagePuller.PullAsync(client, FakeRegistry.Image, root, cancellationToken: stop.Token));
        Assert.False(Directory.Exists(root.Path));
    }

    private DockerRoot Root(string driver = "overlay2") =>
        DockerRoot.Open(Path.Combine(_folder, "root"), new DockerRootOptions { Driver = driver });

    private async Task<TakenImage> PullAsync(DockerRoot root, PullOptions? options = null)
    {
        using RegistryClient client = _fake.Client();
        return await ImagePuller.PullAsync(client, FakeRegistry.Image, root, options);
    }
}
