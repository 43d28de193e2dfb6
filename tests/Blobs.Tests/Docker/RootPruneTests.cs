using Blobs.BlobDirectories;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Docker;

/// <summary>What a prune removes, and what stays.</summary>
public sealed class RootPruneTests : IDisposable
{
    private static readonly string Driver = CurrentUser.IsRoot ? "overlay2" : "vfs";
    private static readonly PruneOptions All = new() { All = true };

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_untagged_image_goes_with_the_layers_that_no_other_needs()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base", "old"), SampleImage.Of("base", "new"));
        Image old = root.Find("sample:0");
        Untag(root, "sample:0");

        RootPrune plan = root.FindPrunable();
        RootPrune done = await root.PruneAsync();

        Assert.Equal([old.Id], done.Images.Select(image => image.Image.Id));
        Assert.Equal([old.Config.ChainIds[1]], done.Layers.Select(layer => layer.ChainId));
        Assert.Equal(plan.Layers, done.Layers);
        Assert.Equal((3L, 3L), (plan.Bytes, done.Bytes));
        Assert.Equal(2, root.Layers.Layers().Count());
        Assert.Empty(root.Layers.NotedReleases());
        Assert.NotNull(root.TryFind("sample:1"));
        Assert.Empty((await root.PruneAsync()).Images);
    }

    [Fact]
    public async Task A_tagged_image_goes_only_when_all_do_and_its_names_with_it()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        await root.TagAsync(root.Find("sample:0"), ImageReference.Parse("other:1"));
        Assert.Empty(root.FindPrunable().Images);

        RootPrune done = await root.PruneAsync(All);

        Assert.Equal(["other:1", "sample:0"], Assert.Single(done.Images).Tags.Select(name => name.Familiar));
        Assert.Empty(root.Names.Read().All);
        Assert.Empty(root.Layers.Layers());
    }

    [Fact]
    public async Task A_container_keeps_its_image_until_it_goes_itself()
    {
        Root.Needed();
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        Container container = await root.CreateContainerAsync("sample:0", new ContainerOptions { Name = "box" });
        Assert.Empty((await root.PruneAsync(All)).Images);

        RootPrune plan = root.FindPrunable(All with { Containers = true });
        RootPrune done = await root.PruneAsync(All with { Containers = true });

        Assert.Equal([container.Id], done.Containers.Select(gone => gone.Id));
        Assert.Equal(plan.Layers, done.Layers);
        Assert.Single(done.Layers);
        Assert.Single(done.Images);
        Assert.Empty(root.Containers.Containers());
        Assert.Empty(root.Layers.ReadWriteLayers());
    }

    [Fact]
    public async Task A_container_that_is_mounted_stays()
    {
        Root.Needed();
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        Container container = await root.CreateContainerAsync("sample:0", new ContainerOptions { Name = "box" });
        await root.MountContainerAsync(container);
        try
        {
            Assert.Empty((await root.PruneAsync(All with { Containers = true })).Containers);
        }
        finally
        {
            await root.UnmountContainerAsync(container);
        }

        Assert.Single((await root.PruneAsync(All with { Containers = true })).Containers);
    }

    [Fact]
    public async Task An_image_that_another_was_made_from_goes_after_that_one_and_not_before()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"), SampleImage.Of("base", "child"));
        Image parent = root.Find("sample:0");
        Image child = root.Find("sample:1");
        root.Images.SetParent(child.Id, parent.Id);
        Untag(root, "sample:0");
        Assert.Empty((await root.PruneAsync()).Images);

        Assert.Equal([child.Id, parent.Id], (await root.PruneAsync(All)).Images.Select(image => image.Image.Id));
    }

    [Fact]
    public async Task Layers_that_BuildKit_may_need_stay_while_its_databases_cannot_be_read()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        BuildKitRoot databases = new BuildKitRoot(root.Path).Write();
        File.Delete(databases.Metadata);

        RootPrune done = await root.PruneAsync(All);

        Assert.Single(done.Images);
        Assert.Empty(done.Layers);
        Assert.Contains("metadata_v2.db: does not exist, but ", done.Layers.Problem, StringComparison.Ordinal);
        Assert.Single(root.Layers.Layers());
    }

    [Fact]
    public async Task An_unreadable_build_cache_is_told_even_when_there_is_nothing_to_prune()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        File.Delete(new BuildKitRoot(root.Path).Write().Snapshots);
        Assert.Contains("snapshots.db: does not exist", root.UnneededLayers().Problem, StringComparison.Ordinal);
        Assert.Contains("snapshots.db: does not exist", (await root.PruneLayersAsync()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_pruned_when_a_container_is_damaged()
    {
        Root.Needed();
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        Container container = await root.CreateContainerAsync("sample:0", new ContainerOptions { Name = "box" });
        string file = Path.Combine(root.Path, "containers", container.Id, "config.v2.json");
        await File.WriteAllTextAsync(file, "{");

        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => root.PruneAsync(All));

        Assert.StartsWith($"{file}: the container is damaged", fault.Message, StringComparison.Ordinal);
        Assert.NotNull(root.TryFind("sample:0"));
    }

    [Fact]
    public async Task Kept_blobs_that_no_image_names_go_and_those_of_an_image_stay()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"), SampleImage.Of("other"));
        var blobs = new BlobDirectory(root.Path);
        Digest[] kept = [Keep(blobs, "layer of base"), Keep(blobs, "layer of other"), Keep(blobs, "of nothing")];
        using (DockerRootChange change = await root.BeginChangeAsync())
        {
            for (int i = 0; i < 2; i++)
            {
                change.AddBlobSource(root.Find($"sample:{i}").Config.DiffIds[0], new BlobSource(kept[i], "host/name", ""));
            }
        }

        await using (PartialBlob partial = blobs.TryResume(Digest.OfSha256("partial"u8))!)
        {
            partial.Write("part"u8);
            Assert.Equal([kept[2]], root.FindPrunable().Blobs.Select(blob => blob.Digest!.Value));
        }

        Assert.Equal([kept[2], null], (await root.PruneAsync()).Blobs.Select(blob => blob.Digest));
        Untag(root, "sample:1");
        Assert.Equal([kept[1]], (await root.PruneAsync()).Blobs.Select(blob => blob.Digest!.Value));
        Assert.Equal([kept[0]], blobs.List());
        Assert.Empty(blobs.Unfinished());
    }

    [Fact]
    public async Task A_kept_manifest_names_its_blobs()
    {
        SampleImage sample = SampleImage.Of("base");
        DockerRoot root = await LoadAsync(sample);
        var blobs = new BlobDirectory(root.Path);
        Digest layer = Keep(blobs, "a layer of unknown content");
        string manifest = $$"""
            {"schemaVersion":2,"config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{sample.Config.Id}}","size":1},
             "layers":[{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{layer}}","size":1}]}
            """;
        Digest named = Keep(blobs, manifest);
        Digest index = Keep(blobs, $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}",
             "manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{named}}","size":1}]}
            """);
        Assert.Equal(3, root.FindPrunable().Blobs.Count);

        root.Names.Set(ImageReference.Parse("sample").WithDigest(index), root.Find("sample:0").Id);
        Assert.Empty(root.FindPrunable().Blobs);
    }

    [Fact]
    public async Task Blobs_of_a_registry_in_the_same_place_stay_and_so_do_those_of_a_running_pull()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base"));
        var blobs = new BlobDirectory(root.Path);
        Keep(blobs, "blob");
        string folder = Path.GetDirectoryName(blobs.Folder)!;
        Assert.Equal(Errno.None, FileLock.TryTake(folder, isExclusive: false, out FileLock? pull));
        using (pull)
        {
            Assert.Contains("another program keeps blobs here", (await root.PruneAsync()).BlobProblem, StringComparison.Ordinal);
        }

        Directory.CreateDirectory(Path.Combine(folder, "repositories"));
        Assert.Contains("is also a registry's store", (await root.PruneAsync()).BlobProblem, StringComparison.Ordinal);
        Assert.Single(blobs.List());
    }

    [Fact]
    public async Task What_a_root_takes_is_counted_once()
    {
        DockerRoot root = await LoadAsync(SampleImage.Of("base", "one"), SampleImage.Of("base", "three"));
        using var layer = new MemoryStream(Archive.Of(Archive.File("alone", "1234567")));
        await root.Layers.IngestAsync(layer);
        Keep(new BlobDirectory(root.Path), "blob");

        RootUsage usage = await root.MeasureAsync();

        Assert.Equal((12L, 12L), (usage.ImageBytes, usage.UnusedImageBytes));
        Assert.Equal([4L, 4L], usage.Images.Select(image => image.SharedBytes));
        Assert.Equal([3L, 5L], usage.Images.Select(image => image.UniqueBytes).Order());
        Assert.Equal([7L], usage.OtherLayers.Select(other => other.Size));
        Assert.Equal(usage.OtherLayers, usage.UnneededLayers);
        Assert.Equal([4L], usage.UnneededBlobs.Select(blob => blob.Bytes));
        Assert.Empty(usage.Leftovers!);
    }

    private static Digest Keep(BlobDirectory blobs, string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        Digest digest = Digest.OfSha256(bytes);
        blobs.Write(digest, bytes);
        return digest;
    }

    private static void Untag(DockerRoot root, string name) => root.Names.Remove(ImageReference.Parse(name));

    private async Task<DockerRoot> LoadAsync(params SampleImage[] images)
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = Driver });
        for (int i = 0; i < images.Length; i++)
        {
            using var archive = new MemoryStream(images[i].DockerArchive($"sample:{i}"));
            await ImageLoader.LoadAsync(archive, "archive", root);
        }

        return root;
    }
}
