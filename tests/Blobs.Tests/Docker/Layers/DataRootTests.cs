using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker.Layers;

/// <summary>A wrong root is an error, never an empty answer; what brings layers in makes one.</summary>
public sealed class DataRootTests : IDisposable
{
    private static readonly ChainId Nothing = ChainId.Parse($"sha256:{new string('0', 64)}");

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Wrong => ["nosuch", "other", "empty", "unknown-driver"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Reading_from_what_is_no_root_is_an_error(string name)
    {
        string path = Prepare(name);
        DockerRoot root = DockerRoot.Open(path);
        Missing(() => root.List());
        Missing(() => root.ListContainers());
        Missing(() => root.Find("sample:1"));
        Missing(() => root.TryFind("sample:1"));
        Missing(() => root.UnneededLayers());
        Missing(() => root.Images.Images());
        Missing(() => root.Containers.Containers());
        Missing(() => root.Containers.Find("box"));
        Missing(() => root.Layers.Layers());
        Missing(() => root.Layers.References());
        Missing(() => root.Layers.ReadWriteLayers());
        Missing(() => root.Layers.Find("sha256:0"));
        Missing(() => root.Layers.FindReadWrite("box"));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Changing_what_is_no_root_is_an_error_and_makes_nothing(string name)
    {
        string path = Prepare(name);
        string[] before = Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories);
        DockerRoot root = DockerRoot.Open(path);
        await MissingAsync(() => root.RemoveImageAsync("sample:1"));
        await MissingAsync(() => root.PruneLayersAsync());
        await MissingAsync(() => root.AddAsync("sample:1", []));
        await MissingAsync(() => root.CreateContainerAsync("sample:1"));
        await MissingAsync(() => root.Layers.DiffTreeAsync(_folder.Path, Nothing, Stream.Null));
        await MissingAsync(() => root.Layers.ExportAsync(Nothing, Stream.Null));
        await MissingAsync(() => ImageSaver.SaveAsync(root, ["sample:1"], new DockerArchiveTarget(Stream.Null)));
        await MissingAsync(() => RootVerifier.RunAsync(path));
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_is_no_root_and_the_error_says_so()
    {
        string path = _folder["file"];
        await File.WriteAllTextAsync(path, "");
        StoreException fault = Assert.Throws<StoreException>(() => DockerRoot.Open(path).List());
        Assert.Equal($"{path}: is a file, expected a directory", fault.Message);
        await Assert.ThrowsAsync<StoreException>(() => RootVerifier.RunAsync(path));
    }

    [Fact]
    public async Task A_driver_that_the_root_has_nothing_of_is_an_error()
    {
        Directory.CreateDirectory(_folder["root/image/overlay2"]);
        Assert.Empty(DockerRoot.Open(_folder["root"]).List());
        NotFoundException fault = Assert.Throws<NotFoundException>(
            () => DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" }).List());
        Assert.EndsWith("has no images of the storage driver vfs; those it has are of: overlay2", fault.Message, StringComparison.Ordinal);
        await RootVerifier.RunAsync(_folder["root"]);
    }

    [Fact]
    public void A_root_without_layers_keeps_the_driver_that_it_was_used_with()
    {
        Directory.CreateDirectory(_folder["root/image/vfs"]);
        DockerRoot root = DockerRoot.Open(_folder["root"]);
        Assert.Equal("vfs", root.DriverName);
        Assert.Empty(root.List());
    }

    [Fact]
    public async Task A_damaged_layer_or_image_is_not_one_that_is_not_there()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("one");
        await File.WriteAllTextAsync(Path.Combine(fixture.Store.Context.Paths.Layer(layer.ChainId), "size"), "many");
        await Assert.ThrowsAsync<StoreException>(() => fixture.Store.ExportAsync(layer.ChainId, Stream.Null));
        await Assert.ThrowsAsync<NotFoundException>(() => fixture.Store.ExportAsync(Nothing, Stream.Null));
    }

    private string Prepare(string name)
    {
        switch (name)
        {
            case "other":
                // As /etc has it on many machines.
                Directory.CreateDirectory(_folder["other/containers"]);
                break;
            case "empty":
                Directory.CreateDirectory(_folder["empty"]);
                break;
            case "unknown-driver":
                Directory.CreateDirectory(_folder["unknown-driver/image/btrfs"]);
                break;
        }

        return _folder[name];
    }

    private void Missing(Func<object?> read) => Check(Assert.Throws<NotFoundException>(read));

    private async Task MissingAsync(Func<Task> change) => Check(await Assert.ThrowsAsync<NotFoundException>(change));

    private void Check(NotFoundException fault) => Assert.StartsWith(_folder.Path, fault.Message, StringComparison.Ordinal);
}
