using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>Containers that mount an image (engines since 28.0): their file names a read-write layer on it.</summary>
public sealed class ImageMountTests
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Removing_the_container_releases_the_layer_of_the_image_it_mounts(bool isNamedByHash)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, ReadWriteLayer mount) = await MountedAsync(folder, isNamedByHash);

        await root.RemoveContainerAsync(container);

        Assert.Null(root.Layers.TryGetReadWrite(mount.Name));
        Assert.Empty(root.Layers.ReadWriteLayers());
        Assert.False(Directory.Exists(Path.Combine(folder["root"], Driver, Driver == "vfs" ? "dir" : "", mount.MountId)));
        Assert.Equal(2, root.Layers.Layers().Count());
    }

    [Fact]
    public async Task An_image_that_a_container_mounts_counts_as_used()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, _) = await MountedAsync(folder);

        StoreException named = await Assert.ThrowsAsync<StoreException>(() => root.RemoveImageAsync("sample:1"));
        Assert.Contains($"container {container.Id[..12]} is using its referenced image", named.Message, StringComparison.Ordinal);
        string id = $"{root.Find("sample:1").Id}";
        StoreException byId = await Assert.ThrowsAsync<StoreException>(() => root.RemoveImageAsync(id));
        Assert.Contains($"image is being used by stopped container {container.Id[..12]}", byId.Message, StringComparison.Ordinal);
        Assert.NotNull(root.TryFind("sample:1"));
    }

    [Fact]
    public async Task Layers_that_a_mount_stands_on_outlive_the_forced_removal_of_its_image_and_go_with_the_container()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, ReadWriteLayer mount) = await MountedAsync(folder);

        await root.RemoveImageAsync("sample:1", force: true);
        Assert.Empty(await root.PruneLayersAsync());
        Assert.NotNull(root.Layers.TryGet(mount.Parent!.Value));

        await root.RemoveContainerAsync(container);
        Assert.Null(root.Layers.TryGet(mount.Parent.Value));
        Assert.Single(root.Layers.Layers());
    }

    [Fact]
    public async Task A_removal_that_was_interrupted_behind_the_containers_files_is_finished_by_the_next_write()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, ReadWriteLayer mount) = await MountedAsync(folder);
        await root.RemoveImageAsync("sample:1", force: true);

        // What a program had done that was killed here.
        Assert.True(root.Containers.TryHide(container.Id));

        await root.PruneLayersAsync();
        Assert.Empty(root.Layers.ReadWriteLayers());
        Assert.Null(root.Layers.TryGet(mount.Parent!.Value));
        Assert.Empty(root.Containers.HiddenIds());
        Assert.Empty(root.Layers.NotedReleases());
    }

    [Fact]
    public async Task A_layer_that_is_another_containers_stays_whatever_the_file_says()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, _) = await MountedAsync(folder);
        Container other = await root.CreateContainerAsync("sample:0");
        WriteMount(folder, container, root.Find("sample:1"), root.Layers.TryGetReadWrite(other.Id)!.MountId);

        await root.RemoveContainerAsync(root.Containers.Find(container.Id));

        Assert.NotNull(root.Layers.TryGetReadWrite(other.Id));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"/x":null}""")]
    [InlineData("""{"/x":{"Type":"image","ID":null,"Spec":null}}""")]
    [InlineData("""{"/x":{"Type":"image","ID":"../..","Spec":{"Source":"nothing"}}}""")]
    public async Task Mounts_that_are_not_as_an_engine_writes_them_are_none(string points)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        (DockerRoot root, Container container, ReadWriteLayer mount) = await MountedAsync(folder);
        WriteMounts(folder, container, points);

        await root.RemoveContainerAsync(root.Containers.Find(container.Id));

        Assert.Equal([mount.Name], root.Layers.ReadWriteLayers().Select(layer => layer.Name));
    }

    private static async Task<(DockerRoot Root, Container Container, ReadWriteLayer Mount)> MountedAsync(
        TemporaryFolder folder, bool isNamedByHash = false)
    {
        Testing.Root.Needed();
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = Driver });
        for (int i = 0; i < 2; i++)
        {
            using var archive = new MemoryStream(SampleImage.Of($"layer {i}").DockerArchive($"sample:{i}"));
            await ImageLoader.LoadAsync(archive, "archive", root);
        }

        Container container = await root.CreateContainerAsync("sample:0");
        Image mounted = root.Find("sample:1");
        string name = isNamedByHash
            ? Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())
            : $"{container.Id}-mounted";
        ReadWriteLayer layer = await root.Layers.CreateReadWriteAsync(name, mounted.Config.ChainId, withInit: false);
        WriteMount(folder, container, mounted, layer.MountId);
        return (root, root.Containers.Find(container.Id), layer);
    }

    private static void WriteMount(TemporaryFolder folder, Container container, Image image, string mountId) => WriteMounts(
        folder,
        container,
        $$$"""{"/x":{"Source":"","Destination":"/x","RW":false,"Name":"sample:1","Driver":"","Type":"image","ID":"{{{mountId}}}","Spec":{"Type":"image","Source":"{{{image.Id}}}","Target":"/x"},"SkipMountpointCreation":false}}""");

    private static void WriteMounts(TemporaryFolder folder, Container container, string points)
    {
        string file = Path.Combine(folder["root"], "containers", container.Id, "config.v2.json");
        string text = File.ReadAllText(file);
        int start = text.IndexOf("\"MountPoints\":", StringComparison.Ordinal) + "\"MountPoints\":".Length;
        int end = text.IndexOf(",\"SecretReferences\"", StringComparison.Ordinal);
        File.WriteAllText(file, $"{text[..start]}{points}{text[end..]}");
    }
}
