using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

public sealed class DockerRootRemovalTests
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    [Fact]
    public async Task Layers_of_an_image_whose_removal_was_interrupted_go_before_the_next_write()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"), SampleImage.Of("base"));
        Image gone = root.Find("sample:0");
        ChainId[] layers = [.. gone.Config.ChainIds];

        // What a program had done that was killed after the image's files and before its layers.
        root.Names.Remove(ImageReference.Parse("sample:0"));
        root.Layers.NoteRelease(layers[^1]);
        root.Images.Remove(gone.Id);

        await root.TagAsync(root.Find("sample:1"), ImageReference.Parse("other:1"));

        Assert.Equal([layers[0]], root.Layers.Layers().Select(layer => layer.ChainId));
        Assert.Empty(root.Layers.NotedReleases());
    }

    [Fact]
    public async Task A_noted_layer_stays_where_its_image_does()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"));
        root.Layers.NoteRelease(root.Find("sample:0").Config.ChainId!.Value);

        await root.TagAsync(root.Find("sample:0"), ImageReference.Parse("other:1"));

        Assert.Equal(2, root.Layers.Layers().Count());
        Assert.Empty(root.Layers.NotedReleases());
    }

    [Fact]
    public async Task Layers_that_no_image_needs_are_told_and_go()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"));
        using var layer = new MemoryStream(Archive.Of(Archive.File("alone", "x")));
        ChainId alone = (await root.Layers.IngestAsync(layer, new LayerIngestOptions())).Layer.ChainId;

        Assert.Equal([alone], root.UnneededLayers().Select(unneeded => unneeded.ChainId));
        Assert.Equal([alone], (await root.PruneLayersAsync()).Select(pruned => pruned.ChainId));

        Assert.Equal(2, root.Layers.Layers().Count());
        Assert.Empty(await root.PruneLayersAsync());
    }

    [Fact]
    public async Task Layers_of_an_image_that_lacks_one_are_not_pruned()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"));
        Image image = root.Find("sample:0");
        ChainId top = image.Config.ChainId!.Value;
        Directory.Delete(Path.Combine(folder["root"], "image", Driver, "layerdb", "sha256", top.Hex), recursive: true);
        Assert.Null(root.Images.TryGet(image.Id));

        Assert.Empty(await root.PruneLayersAsync());
    }

    [Fact]
    public async Task Nothing_is_pruned_when_a_config_is_damaged()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        DockerRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"));
        string config = Path.Combine(folder["root"], "image", Driver, "imagedb", "content", "sha256", root.Find("sample:0").Id.Hex);
        byte[] bytes = await File.ReadAllBytesAsync(config);
        bytes[^2] ^= 1;
        await File.WriteAllBytesAsync(config, bytes);

        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => root.PruneLayersAsync());

        Assert.Contains(config, fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, root.Layers.Layers().Count());
    }

    private static async Task<DockerRoot> LoadAsync(TemporaryFolder folder, params SampleImage[] images)
    {
        DockerRoot root = DockerRoot.Open(folder["root"], new DockerRootOptions { Driver = Driver });
        for (int i = 0; i < images.Length; i++)
        {
            using var archive = new MemoryStream(images[i].DockerArchive($"sample:{i}"));
            await ImageLoader.LoadAsync(archive, "archive", root);
        }

        return root;
    }
}
