using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Layers and directories that BuildKit's cache needs stay, whatever is removed or tidied.</summary>
public sealed class BuildCacheLayerTests
{
    private static readonly HashSet<ChainId> NoImages = [];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_that_the_cache_needs_stays_with_all_below_it(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer bottom = await fixture.AddAsync("bottom");
        Layer held = await fixture.AddAsync("held", bottom.ChainId);
        Layer top = await fixture.AddAsync("top", held.ChainId);
        Layer other = await fixture.AddAsync("other");
        new BuildKitRoot(fixture.Root).WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), held.ChainId, "mount / from exec x").Write();

        Removal<Layer> trial = fixture.Store.Unreferenced(NoImages);
        Assert.Equal([top.ChainId, other.ChainId], trial.Select(layer => layer.ChainId).OrderBy(id => id == other.ChainId));
        Assert.Equal([new KeptLayer(held.ChainId, "mount / from exec x")], trial.Kept);

        Removal<Layer> released = await fixture.Store.ReleaseAsync(top.ChainId, NoImages);
        Assert.Equal([top], released);
        Assert.Equal([new KeptLayer(held.ChainId, "mount / from exec x")], released.Kept);
        Assert.Null(released.Problem);
        Assert.Equal([other], await fixture.Store.RemoveUnreferencedAsync(NoImages));
        Assert.Equal(2, fixture.Reopen().Layers().Count());

        // The cache has let go of it.
        new BuildKitRoot(fixture.Root).Write();
        Assert.Equal([held, bottom], await fixture.Store.RemoveUnreferencedAsync(NoImages));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task The_layer_of_a_base_image_is_needed_by_its_own_name(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer image = await fixture.AddAsync("base");
        new BuildKitRoot(fixture.Root).WithBase(BuildKitRoot.Name(1), image.ChainId).Write();
        Assert.Empty(await fixture.Store.ReleaseAsync(image.ChainId, NoImages));
        Assert.Equal([image], fixture.Store.Layers());
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_whose_directory_is_a_snapshot_stays(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer layer = await fixture.AddAsync("layer");
        new BuildKitRoot(fixture.Root).WithSnapshot(layer.CacheId).Write();
        Assert.Empty(await fixture.Store.RemoveUnreferencedAsync(NoImages));
        Assert.Equal([layer], fixture.Store.Layers());
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task No_sweep_takes_a_directory_of_the_cache(string driver)
    {
        using var fixture = new StoreFixture(driver);
        await fixture.AddAsync("layer");
        string[] names = [BuildKitRoot.Name(1), new string('b', 64)];
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.Combine(fixture.Driver, name, "diff"));
        }

        new BuildKitRoot(fixture.Root).WithSnapshot(names[0]).WithSnapshot(names[1], names[0]).Write();
        string orphan = Directory.CreateDirectory(Path.Combine(fixture.Driver, new string('a', 64), "diff")).FullName;
        await fixture.AddAsync("another");
        Assert.False(Directory.Exists(orphan));
        Assert.All(names, name => Assert.True(Directory.Exists(Path.Combine(fixture.Driver, name))));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task What_is_left_of_a_layer_that_the_cache_needs_stays(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer held = await fixture.AddAsync("held");
        Layer other = await fixture.AddAsync("other");
        new BuildKitRoot(fixture.Root).WithStep(BuildKitRoot.Name(1), BuildKitRoot.Name(2), held.ChainId, "step").Write();
        foreach (Layer layer in (Layer[])[held, other])
        {
            string path = Path.Combine(fixture.Layers, layer.ChainId.Hex);
            Directory.Move(path, $"{path}-{new string('0', 64)}-removing");
        }

        await fixture.AddAsync("another");
        Assert.True(Directory.Exists(Path.Combine(fixture.Driver, held.CacheId)));
        Assert.False(Directory.Exists(Path.Combine(fixture.Driver, other.CacheId)));
        Assert.Equal(2, Directory.GetDirectories(fixture.Layers).Length);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task While_the_cache_cannot_be_read_no_layer_goes_and_that_is_said_once(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer bottom = await fixture.AddAsync("bottom");
        Layer top = await fixture.AddAsync("top", bottom.ChainId);
        Layer removing = await fixture.AddAsync("removing");
        string path = Path.Combine(fixture.Layers, removing.ChainId.Hex);
        Directory.Move(path, $"{path}-{new string('0', 64)}-removing");
        Directory.CreateDirectory(Path.Combine(fixture.Driver, new string('a', 64), "diff"));
        BuildKitRoot databases = new BuildKitRoot(fixture.Root).Write();
        File.WriteAllText(databases.Snapshots, "damaged");
        string[] before = fixture.List();
        var notices = new Heard();
        LayerStore store = LayerStore.Open(fixture.Root, new DockerRootOptions { Driver = driver, Notices = notices });

        store.NoteRelease(top.ChainId);
        Removal<Layer> released = await store.ReleaseAsync(top.ChainId, NoImages);
        Removal<Layer> pruned = await store.RemoveUnreferencedAsync(NoImages);

        Assert.Empty(released);
        Assert.Empty(pruned);
        Assert.Empty(store.Unreferenced(NoImages));
        Assert.Equal([new KeptLayer(top.ChainId, null)], released.Kept);
        Assert.StartsWith($"{databases.Snapshots}: no bbolt database", released.Problem, StringComparison.Ordinal);
        Assert.Equal([released.Problem!], notices.Lines);
        Assert.Equal([top.ChainId], store.NotedReleases());
        File.Delete(store.Context.Paths.Release(top.ChainId));
        Assert.Equal(before, fixture.List());

        databases.Write();
        Assert.Equal([top, bottom], await fixture.Reopen().ReleaseAsync(top.ChainId, NoImages));
        Assert.Empty(Directory.GetDirectories(fixture.Layers));
        Assert.DoesNotContain(Directory.GetDirectories(fixture.Driver), directory => Path.GetFileName(directory) != "l");
    }

    [Fact]
    public async Task A_layer_stands_on_what_a_build_step_left_with_the_driver_overlay()
    {
        Root.Needed();
        using var fixture = new StoreFixture("overlay");
        Layer bottom = await fixture.AddAsync("bottom");
        ReadWriteLayer step = await fixture.Store.CreateReadWriteAsync("step", bottom.ChainId, withInit: false);
        string tree = await fixture.Store.MountAsync("step");
        await File.WriteAllTextAsync(Path.Combine(tree, "written"), "by a step");
        File.Delete(Path.Combine(tree, "bottom"));
        await fixture.Store.UnmountAsync("step");
        Layer built = (await fixture.Store.CommitAsync("step")).Layer;

        // The engine makes the step's own directory the layer.
        string name = BuildKitRoot.Name(1);
        Directory.Delete(Path.Combine(fixture.Mounts, "step"), recursive: true);
        fixture.Store.Context.Driver.Remove(built.CacheId);
        Directory.Move(Path.Combine(fixture.Driver, step.MountId), Path.Combine(fixture.Driver, name));
        await File.WriteAllTextAsync(RootPaths.CacheIdFile(Path.Combine(fixture.Layers, built.ChainId.Hex)), name);

        Layer top = await fixture.AddAsync("top", built.ChainId);

        Assert.Equal(["top", "written"], Directory.GetFiles(fixture.Store.Context.Driver.TreeOf(top.CacheId)).Select(Path.GetFileName).Order());
        Assert.Empty((await Blobs.Docker.Verification.RootVerifier.RunAsync(fixture.Root)).Findings);
        await fixture.Store.ExportAsync(built.ChainId, Stream.Null);
        await fixture.Store.ExportAsync(top.ChainId, Stream.Null);
    }

    private sealed class Heard : IProgress<string>
    {
        public List<string> Lines { get; } = [];

        public void Report(string value) => Lines.Add(value);
    }
}
