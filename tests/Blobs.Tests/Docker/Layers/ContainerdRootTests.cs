using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Roots whose images containerd keeps are refused where they are opened, and nothing is written into them.</summary>
public sealed class ContainerdRootTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    private string Root => _folder["root"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("engine-id")]
    [InlineData("containerd/daemon/io.containerd.metadata.v1.bolt/meta.db")]
    [InlineData("buildkit/containerd-overlayfs/metadata_v2.db")]
    public async Task A_root_that_containerd_keeps_the_images_of_is_refused_in_one_line(string sign)
    {
        _folder.Write($"root/{sign}", "");
        string[] before = TemporaryFolder.List(Root);
        Func<Task>[] ways =
        [
            () => Task.FromResult(DockerRoot.Open(Root)),
            () => Task.FromResult(LayerStore.Open(Root)),
            () => RootVerifier.RunAsync(Root),
            () => RootLock.ReadAsync(Root),
            () => ImageCopier.CopyAsync(ImagePlace.Parse($"docker-data:{Root}//a:1"), ImagePlace.Parse($"oci:{_folder["layout"]}")),
            () => ImageCopier.CopyAsync(ImagePlace.Parse($"oci-archive:{Archive()}"), ImagePlace.Parse($"docker-data:{Root}//a:1")),
        ];
        foreach (Func<Task> way in ways)
        {
            ContainerdRootException fault = await Assert.ThrowsAsync<ContainerdRootException>(way);
            Assert.Equal(Root, fault.Path);
            Assert.StartsWith($"{Root}: containerd keeps the images of this root", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', fault.Message);
        }

        Assert.Equal(before, TemporaryFolder.List(Root));
    }

    [Fact]
    public async Task A_driver_that_is_named_is_written_to()
    {
        _folder.Write("root/engine-id", "");
        DockerRoot root = DockerRoot.Open(Root, new DockerRootOptions { Driver = "vfs" });
        using var archive = new MemoryStream(SampleImage.Of("base").DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);

        // From now on the engine sees that driver too.
        Assert.Single(DockerRoot.Open(Root).List());
    }

    [Theory]
    [InlineData("engine-id")]
    [InlineData("containerd/daemon/x")]
    public async Task A_root_of_a_storage_driver_is_none_of_these(string sign)
    {
        _folder.Write($"root/{sign}", "");
        Directory.CreateDirectory(Path.Combine(Root, "image/overlay2/layerdb/sha256"));
        Assert.Empty(DockerRoot.Open(Root).List());
        Assert.Empty((await RootVerifier.RunAsync(Root)).Findings);
    }

    [Fact]
    public void A_directory_that_is_empty_or_not_there_is_none_of_these()
    {
        Assert.Equal("overlay2", LayerStore.Open(Root).DriverName);
        Directory.CreateDirectory(Root);
        Assert.Equal("overlay2", LayerStore.Open(Root).DriverName);
    }

    private string Archive()
    {
        string path = _folder["archive.tar"];
        File.WriteAllBytes(path, SampleImage.Of("base").OciArchive());
        return path;
    }
}
