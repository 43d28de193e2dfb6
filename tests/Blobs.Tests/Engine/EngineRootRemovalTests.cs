using Blobs.Engine;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Engine;

public sealed class EngineRootRemovalTests
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";

    [Fact]
    public async Task Layers_of_an_image_whose_removal_was_interrupted_go_before_the_next_write()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        EngineRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"), SampleImage.Of("base"));
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
        EngineRoot root = await LoadAsync(folder, SampleImage.Of("base", "one"));
        root.Layers.NoteRelease(root.Find("sample:0").Config.ChainId!.Value);

        await root.TagAsync(root.Find("sample:0"), ImageReference.Parse("other:1"));

        Assert.Equal(2, root.Layers.Layers().Count());
        Assert.Empty(root.Layers.NotedReleases());
    }

    private static async Task<EngineRoot> LoadAsync(TemporaryFolder folder, params SampleImage[] images)
    {
        EngineRoot root = EngineRoot.Open(folder["root"], new EngineOptions { Driver = Driver });
        for (int i = 0; i < images.Length; i++)
        {
            using var archive = new MemoryStream(images[i].DockerArchive($"sample:{i}"));
            await ImageLoader.LoadAsync(root, archive, "archive");
        }

        return root;
    }
}
