using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

/// <summary>What a crash leaves, at every point where one can happen, is tidied by the next that writes; what may be somebody's stays.</summary>
public sealed class SweepTests
{
    private static readonly string Orphan = new('a', 64);

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_that_was_being_made_is_gone_after_the_next_write(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer layer = await fixture.AddAsync("layer");
        string[] before = fixture.List();
        Directory.CreateDirectory(Path.Combine(fixture.Temporary, "write-set-123"));
        File.WriteAllText(Path.Combine(fixture.Temporary, "write-set-123", "cache-id"), Orphan);
        Directory.CreateDirectory(Path.Combine(fixture.Driver, Orphan, "diff", "half", "a", "tree"));
        await fixture.AddAsync("layer");
        Assert.Equal(before, fixture.List());
        Assert.NotNull(fixture.Store.TryGet(layer.ChainId));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_that_was_being_removed_is_gone_whether_its_files_were_or_not(string driver)
    {
        foreach (bool areFilesGone in (bool[])[false, true])
        {
            using var fixture = new StoreFixture(driver);
            Layer stays = await fixture.AddAsync("stays");
            string[] before = fixture.List();
            Layer goes = await fixture.AddAsync("goes", stays.ChainId);
            string path = Path.Combine(fixture.Layers, goes.ChainId.Hex);
            Directory.Move(path, $"{path}-{new string('0', 64)}-removing");
            if (areFilesGone)
            {
                fixture.Store.Context.Driver.Remove(goes.CacheId);
            }

            Assert.Equal([stays], fixture.Store.Layers());
            await fixture.AddAsync("stays");

            // That the lower layer once was used is a hint that nobody takes back.
            Assert.Equal(before, fixture.List().Where(line => !line.EndsWith("/committed", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_build_step_that_was_interrupted_is_gone_and_a_containers_layer_stays(string driver)
    {
        using var fixture = new StoreFixture(driver);
        Layer layer = await fixture.AddAsync("layer");
        ReadWriteLayer stays = await fixture.Store.CreateReadWriteAsync("container", layer.ChainId, withInit: false);
        string[] before = fixture.List();
        await fixture.Store.CreateReadWriteAsync(Orphan + RootPaths.StepSuffix, layer.ChainId, withInit: false);
        await fixture.AddAsync("layer");
        Assert.Equal(before, fixture.List());
        Assert.Equal([stays], fixture.Store.ReadWriteLayers());
    }

    [Fact]
    public async Task A_layer_that_was_cut_off_before_links_had_a_directory_keeps_nobody_from_writing()
    {
        using var fixture = new StoreFixture();
        string layer = fixture[$"overlay2/{new string('a', 64)}"];
        Directory.CreateDirectory(Path.Combine(layer, "diff"));
        await File.WriteAllTextAsync(Path.Combine(layer, "link"), new string('A', 26));
        await fixture.AddAsync("next");
        Assert.False(Directory.Exists(layer));
    }

    [Fact]
    public async Task A_read_write_layer_that_was_being_made_is_gone()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("layer");
        await fixture.Store.CreateReadWriteAsync("kept", layer.ChainId, withInit: false);
        string[] before = fixture.List();
        ReadWriteLayer lost = await fixture.Store.CreateReadWriteAsync("lost", layer.ChainId, withInit: false);
        Directory.Delete(Path.Combine(fixture.Mounts, "lost"), recursive: true);
        Assert.Contains(Path.Combine(fixture.Driver, lost.MountId), await fixture.Store.SweepAsync());
        Assert.Equal(before, fixture.List());
    }

    [Fact]
    public async Task Links_that_lead_nowhere_go_and_the_others_stay()
    {
        using var fixture = new StoreFixture();
        await fixture.AddAsync("layer");
        string[] before = fixture.List();
        File.CreateSymbolicLink(Path.Combine(fixture.Driver, "l", LinkId.Create()), $"../{Orphan}/diff");
        Assert.Single(await fixture.Store.SweepAsync());
        Assert.Equal(before, fixture.List());
    }

    [Fact]
    public async Task A_trial_tells_and_does_nothing()
    {
        using var fixture = new StoreFixture();
        await fixture.AddAsync("layer");
        Directory.CreateDirectory(Path.Combine(fixture.Driver, Orphan, "diff"));
        string[] before = fixture.List();
        Assert.Equal([Path.Combine(fixture.Driver, Orphan)], await fixture.Store.SweepAsync(isTrial: true));
        Assert.Equal(before, fixture.List());
    }

    [Fact]
    public async Task What_has_not_the_stores_kind_of_name_is_somebody_elses()
    {
        using var fixture = new StoreFixture();
        await fixture.AddAsync("layer");
        Directory.CreateDirectory(Path.Combine(fixture.Driver, "u2vn5qd6h8x3b1m0k9z7w4t5r", "diff"));
        Directory.CreateDirectory(Path.Combine(fixture.Layers, "notes"));
        File.WriteAllText(Path.Combine(fixture.Layers, "notes", "cache-id"), "not one of these");
        Assert.Empty(await fixture.Store.SweepAsync());
    }

    [Fact]
    public async Task What_another_directory_stands_on_stays()
    {
        using var fixture = new StoreFixture();
        Layer lower = await fixture.AddAsync("lower");
        await fixture.AddAsync("other");
        string snapshot = Directory.CreateDirectory(Path.Combine(fixture.Driver, "u2vn5qd6h8x3b1m0k9z7w4t5r")).FullName;
        string link = File.ReadAllText(Path.Combine(fixture.Driver, lower.CacheId, "link"));
        File.WriteAllText(Path.Combine(snapshot, "lower"), $"l/{link}");
        Directory.Delete(Path.Combine(fixture.Layers, lower.ChainId.Hex), recursive: true);
        Assert.Empty(await fixture.Store.SweepAsync());
        Directory.Delete(snapshot, recursive: true);
        Assert.Single(await fixture.Store.SweepAsync());
    }

    [Fact]
    public async Task As_long_as_a_name_cannot_be_read_no_directory_goes()
    {
        using var fixture = new StoreFixture();
        Layer damaged = await fixture.AddAsync("damaged");
        File.Delete(Path.Combine(fixture.Layers, damaged.ChainId.Hex, "cache-id"));
        Assert.Empty(await fixture.Store.SweepAsync());
        Assert.True(Directory.Exists(Path.Combine(fixture.Driver, damaged.CacheId)));
    }

    [Fact]
    public async Task Nothing_that_is_being_made_is_taken_for_a_leftover()
    {
        using var fixture = new StoreFixture();
        using var source = new GatedStream(Archive.Of(Archive.File("f", "x")));
        Task<LayerIngestResult> ingesting = fixture.Store.IngestAsync(source);
        await source.IsAskedFor;
        Assert.Empty(await fixture.Store.SweepAsync());
        source.Open();
        await ingesting;
    }

    [Fact]
    public async Task Layers_that_nothing_names_are_no_leftovers()
    {
        using var fixture = new StoreFixture();
        Layer layer = await fixture.AddAsync("layer");
        Assert.Empty(await fixture.Store.SweepAsync());
        Assert.Equal([layer], fixture.Store.Unreferenced(new HashSet<ChainId>()));
    }
}
