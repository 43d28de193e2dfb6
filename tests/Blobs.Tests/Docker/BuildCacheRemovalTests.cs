using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>Images and names go, and layers that BuildKit's cache needs, or may need, stay.</summary>
public sealed class BuildCacheRemovalTests : IDisposable
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_image_goes_and_the_layers_that_the_cache_needs_stay()
    {
        DockerRoot root = await LoadAsync("base", "one", "two");
        ChainId[] layers = [.. root.Find("sample:1").Config.ChainIds];
        new BuildKitRoot(root.Path)
            .WithBase(BuildKitRoot.Name(1), layers[0])
            .WithStep(BuildKitRoot.Name(2), BuildKitRoot.Name(3), layers[1], "mount / from exec x", $"{layers[0]}").Write();

        Removal<Removed> gone = await root.RemoveImageAsync("sample:1");

        Assert.Equal([layers[2]], gone.Select(item => item.Layer).OfType<ChainId>());
        Assert.Equal([new KeptLayer(layers[1], "mount / from exec x")], gone.Kept);
        Assert.Null(root.TryFind("sample:1"));
        Assert.Empty(root.Layers.NotedReleases());
        Assert.Equal(layers[..2].Order(), root.Layers.Layers().Select(layer => layer.ChainId));
        Assert.Empty(await root.PruneLayersAsync());
        Assert.Equal([layers[1]], root.UnneededLayers().Kept.Select(layer => layer.Layer));
    }

    [Fact]
    public async Task An_image_goes_while_the_cache_is_locked_and_its_layers_with_the_next_write_after_that()
    {
        DockerRoot root = await LoadAsync("base", "one");
        BuildKitRoot databases = new BuildKitRoot(root.Path).Write();
        Assert.Equal(Errno.None, FileLock.TryTake(databases.Snapshots, isExclusive: true, out FileLock? engine));
        using (engine)
        {
            Removal<Removed> gone = await root.RemoveImageAsync("sample:1");

            Assert.Equal(["docker.io/library/sample:1"], gone.Select(item => item.Untagged).OfType<ImageReference>().Select(name => $"{name}"));
            Assert.Single(gone, item => item.Image is not null);
            Assert.DoesNotContain(gone, item => item.Layer is not null);
            Assert.Contains("another program has locked it", gone.Problem, StringComparison.Ordinal);
            Assert.Equal(2, root.Layers.Layers().Count());
            Assert.Contains("another program has locked it", (await root.PruneLayersAsync()).Problem, StringComparison.Ordinal);
        }

        using var archive = new MemoryStream(SampleImage.Of("other").DockerArchive("other:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        Assert.Single(root.Layers.Layers());
    }

    [Fact]
    public async Task Whatever_changes_a_root_keeps_all_layers_while_the_cache_is_damaged()
    {
        Root.Needed();
        DockerRoot root = await LoadAsync("base", "one");
        BuildKitRoot databases = new BuildKitRoot(root.Path).Write();
        await File.WriteAllTextAsync(databases.Metadata, "damaged");
        string file = _folder.Write("added", "text");

        Image added = await root.AddAsync("sample:1", [new AddedPath(file, "/")], ImageReference.Parse("added:1"));
        Container container = await root.CreateContainerAsync("added:1", new ContainerOptions { Name = "box" });
        Image nothing = await root.CommitAsync(container, ImageReference.Parse("committed:1"));
        await root.RemoveContainerAsync(container);
        await root.RemoveImageAsync("committed:1");
        Removal<Removed> gone = await root.RemoveImageAsync("added:1");

        Assert.Equal(added.Config.ChainId, nothing.Config.ChainId);
        Assert.DoesNotContain(gone, item => item.Layer is not null);
        Assert.NotNull(root.Layers.TryGet(added.Config.ChainId!.Value));

        // The empty layer of the commit, too: an engine registers it, and would let go of it.
        Assert.Equal(4, root.Layers.Layers().Count());
        databases.Write();
        await root.TagAsync(root.Find("sample:1"), ImageReference.Parse("other:1"));
        Assert.Equal(2, root.Layers.Layers().Count());
    }

    private async Task<DockerRoot> LoadAsync(params string[] texts)
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = Driver });
        using var archive = new MemoryStream(SampleImage.Of(texts).DockerArchive("sample:1"));
        await ImageLoader.LoadAsync(archive, "archive", root);
        return root;
    }
}
