using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Docker.Layers;

/// <summary>A layer stays as long as something stands on it, and not a moment longer.</summary>
public sealed class LayerReleaseTests
{
    private static readonly HashSet<ChainId> NoImages = [];

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Releasing_the_top_of_a_stack_leaves_nothing_of_it(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer bottom = await fixture.AddAsync("bottom");
        Layer top = await fixture.AddAsync("top", bottom.ChainId);
        IReadOnlyList<Layer> removed = await fixture.Store.ReleaseAsync(top.ChainId, NoImages);
        Assert.Equal([top, bottom], removed);
        Assert.Empty(Directory.GetFileSystemEntries(fixture.Layers));
        Assert.Equal(driver == "overlay2" ? ["l"] : [], Directory.GetFileSystemEntries(fixture.Driver).Select(path => Path.GetFileName(path)));
        Assert.All(Directory.GetDirectories(fixture.Driver), links => Assert.Empty(Directory.GetFileSystemEntries(links)));
    }

    [Fact]
    public async Task What_an_image_names_stays_with_everything_below_it()
    {
        using var fixture = new StoreFixture();
        Layer bottom = await fixture.AddAsync("bottom");
        Layer middle = await fixture.AddAsync("middle", bottom.ChainId);
        Layer top = await fixture.AddAsync("top", middle.ChainId);
        Assert.Empty(await fixture.Store.ReleaseAsync(top.ChainId, new HashSet<ChainId> { top.ChainId }));
        Assert.Equal([top], await fixture.Store.ReleaseAsync(top.ChainId, new HashSet<ChainId> { middle.ChainId }));
        Assert.Equal([bottom.ChainId, middle.ChainId], fixture.Store.Layers().Select(layer => layer.ChainId).OrderBy(id => id == middle.ChainId));
    }

    [Fact]
    public async Task What_another_layer_or_a_container_stands_on_stays()
    {
        using var fixture = new StoreFixture();
        Layer shared = await fixture.AddAsync("shared");
        Layer left = await fixture.AddAsync("left", shared.ChainId);
        Layer right = await fixture.AddAsync("right", shared.ChainId);
        await fixture.Store.CreateReadWriteAsync("box", right.ChainId, withInit: false);
        LayerReferences references = fixture.Store.References();
        Assert.Equal((2, 0, 1), (references.CountOf(shared.ChainId), references.CountOf(left.ChainId), references.CountOf(right.ChainId)));
        Assert.Equal(["box"], references.ReadWriteLayersOf(right.ChainId));

        Assert.Equal([left], await fixture.Store.ReleaseAsync(left.ChainId, NoImages));
        Assert.Empty(await fixture.Store.ReleaseAsync(right.ChainId, NoImages));
        await fixture.Store.RemoveReadWriteAsync("box");
        Assert.Equal([right, shared], await fixture.Store.ReleaseAsync(right.ChainId, NoImages));
    }

    [Fact]
    public async Task A_layer_that_one_is_being_made_upon_stays()
    {
        using var fixture = new StoreFixture();
        Layer parent = await fixture.AddAsync("parent");
        using var source = new GatedStream(Archive.Of(Archive.File("child", "x")));
        Task<LayerIngestResult> ingesting =
            fixture.Store.IngestAsync(source, new LayerIngestOptions { Parent = parent.ChainId });
        await source.IsAskedFor;
        Assert.Empty(await fixture.Store.ReleaseAsync(parent.ChainId, NoImages));
        source.Open();
        Assert.Equal(parent.ChainId, (await ingesting).Layer.Parent);
    }

    [Fact]
    public async Task What_would_be_removed_is_told_first()
    {
        using var fixture = new StoreFixture();
        Layer bottom = await fixture.AddAsync("bottom");
        Layer left = await fixture.AddAsync("left", bottom.ChainId);
        Layer right = await fixture.AddAsync("right", bottom.ChainId);
        Layer other = await fixture.AddAsync("other");
        Assert.Equal(3, fixture.Store.Unreferenced(new HashSet<ChainId> { other.ChainId }).Count);
        Assert.Equal([right], fixture.Store.Unreferenced(new HashSet<ChainId> { other.ChainId, left.ChainId }));
        Assert.Equal([right], await fixture.Store.RemoveUnreferencedAsync(new HashSet<ChainId> { other.ChainId, left.ChainId }));
    }

    [Fact]
    public async Task A_damaged_layer_still_counts_for_its_parent()
    {
        using var fixture = new StoreFixture();
        Layer parent = await fixture.AddAsync("parent");
        Layer child = await fixture.AddAsync("child", parent.ChainId);
        File.WriteAllText(Path.Combine(fixture.Layers, child.ChainId.Hex, "size"), "12\n");
        Assert.Null(fixture.Store.TryGet(child.ChainId));
        Assert.Empty(await fixture.Store.RemoveUnreferencedAsync(NoImages));
        Assert.NotNull(fixture.Store.TryGet(parent.ChainId));
    }

    [Fact]
    public async Task Nothing_is_removed_while_somebody_reads()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("layer");
        LayerStore impatient = LayerStore.Open(fixture.Root, new DockerRootOptions { LockWait = TimeSpan.Zero });
        using (await RootLock.ReadAsync(fixture.Root))
        {
            await Assert.ThrowsAsync<RootBusyException>(() => impatient.ReleaseAsync(layer.ChainId, NoImages));
            await fixture.AddAsync("another");
        }

        Assert.Equal([layer], await impatient.ReleaseAsync(layer.ChainId, NoImages));
    }

    // Random stacks, containers and images, against sets in memory; the store is opened anew for every step.
    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task The_store_keeps_exactly_what_is_needed(string driver) =>
        await Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 2]).Array[1, 25].SampleAsync(
            async steps =>
            {
                using var fixture = new StoreFixture(driver);
                fixture.CreateRoot();
                var layers = new Dictionary<ChainId, ChainId?>();
                var boxes = new Dictionary<string, ChainId>();
                var images = new HashSet<ChainId>();
                foreach ((int what, int which, int name) in steps)
                {
                    LayerStore store = fixture.Reopen();
                    ChainId? chosen = layers.Count == 0 ? null : layers.Keys.Order().ElementAt(which % layers.Count);
                    switch (what)
                    {
                        case 0:
                            Layer added = await fixture.AddAsync($"layer-{name}", which == 0 ? null : chosen);
                            layers[added.ChainId] = added.Parent;
                            break;
                        case 1 when chosen is { } parent && boxes.TryAdd($"box-{name}", parent):
                            await store.CreateReadWriteAsync($"box-{name}", parent, withInit: false);
                            break;
                        case 1 when boxes.Remove($"box-{name}"):
                            await store.RemoveReadWriteAsync($"box-{name}");
                            break;
                        case 2 when chosen is { } top && !images.Add(top):
                            images.Remove(top);
                            await store.ReleaseAsync(top, images);
                            Release(top);
                            break;
                        case 3:
                            await store.RemoveUnreferencedAsync(images);
                            layers.Keys.ToList().ForEach(Release);
                            break;
                    }

                    Assert.Equal(layers.Keys.Order(), fixture.Reopen().Layers().Select(layer => layer.ChainId).Order());
                    Assert.Equal(boxes.Keys.Order(), fixture.Reopen().ReadWriteLayers().Select(layer => layer.Name).Order());
                    int directories = Directory.Exists(fixture.Driver) ? Directory.GetDirectories(fixture.Driver).Count(path => Path.GetFileName(path) != "l") : 0;
                    Assert.Equal(layers.Count + boxes.Count, directories);
                }

                Assert.Empty(await fixture.Reopen().SweepAsync());

                void Release(ChainId start)
                {
                    for (ChainId? next = start; next is { } id && layers.TryGetValue(id, out ChainId? parent); next = parent)
                    {
                        if (images.Contains(id) || layers.ContainsValue(id) || boxes.ContainsValue(id))
                        {
                            return;
                        }

                        layers.Remove(id);
                    }
                }
            },
            iter: 12,
            threads: 1);
}
