using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tests.Testing;
using Blobs.Trees.Internal;

namespace Blobs.Tests.Docker.Layers;

/// <summary>Containers' layers, under every driver.</summary>
public sealed class ReadWriteLayerTests
{
    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Fact]
    public async Task A_layer_is_written_down_as_the_engine_does()
    {
        using var fixture = new StoreFixture();
        Layer parent = await fixture.AddAsync("f");
        ReadWriteLayer layer = await fixture.Store.CreateReadWriteAsync("box", parent.ChainId, withInit: false);
        Assert.Equal(
            [$"644 mount-id = {layer.MountId}", $"644 parent = {parent.ChainId}"], TemporaryFolder.List(Path.Combine(fixture.Mounts, "box")));
        Assert.Equal(Convert.ToInt32("755", 8), (int)File.GetUnixFileMode(Path.Combine(fixture.Mounts, "box")));
        string link = File.ReadAllText(Path.Combine(fixture.Driver, layer.MountId, "link"));
        string parentLink = File.ReadAllText(Path.Combine(fixture.Driver, parent.CacheId, "link"));
        Assert.Equal(
            ["755 diff", $"644 link = {link}", $"644 lower = l/{parentLink}", "700 work"],
            TemporaryFolder.List(Path.Combine(fixture.Driver, layer.MountId)));
        Assert.True(File.Exists(Path.Combine(fixture.Driver, parent.CacheId, "committed")));
        Assert.Equal(layer, fixture.Reopen().FindReadWrite("bo"));
    }

    [Fact]
    public async Task A_name_is_given_once_and_must_be_one()
    {
        using var fixture = new StoreFixture();
        await fixture.Store.CreateReadWriteAsync("box", null, withInit: false);
        string[] before = fixture.List();
        await Assert.ThrowsAsync<StoreException>(() => fixture.Store.CreateReadWriteAsync("box", null, withInit: false));
        await Assert.ThrowsAsync<StoreException>(() => fixture.Store.CreateReadWriteAsync("../box", null, withInit: false));
        await Assert.ThrowsAsync<NotFoundException>(
            () => fixture.Store.CreateReadWriteAsync("new", ChainId.Parse($"sha256:{new string('0', 64)}"), withInit: false));
        Assert.Equal(before, fixture.List());
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_container_sees_the_image_behind_its_init_layer(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer bottom = await fixture.AddAsync("etc/hosts");
        Layer top = await fixture.AddAsync("etc/own", bottom.ChainId);
        ReadWriteLayer layer = await fixture.Store.CreateReadWriteAsync("box", top.ChainId);
        string tree = await fixture.Store.MountAsync("box");
        Assert.Equal("", File.ReadAllText(Path.Combine(tree, "etc/hosts")));
        Assert.Equal("content of etc/own", File.ReadAllText(Path.Combine(tree, "etc/own")));
        Assert.Equal(driver != "vfs", fixture.Store.IsMounted("box"));

        Assert.Equal(tree, await fixture.Reopen().MountAsync("box"));
        await fixture.Store.UnmountAsync("box");
        Assert.True(File.Exists(Path.Combine(tree, "etc/own")));
        await fixture.Store.UnmountAsync("box");
        Assert.False(fixture.Store.IsMounted("box"));
        Assert.Equal(driver == "vfs", Directory.Exists(tree));

        await fixture.Store.RemoveReadWriteAsync("box");
        Assert.DoesNotContain(Directory.GetDirectories(fixture.Driver), path => Path.GetFileName(path).StartsWith(layer.MountId, StringComparison.Ordinal));
        Assert.Empty(fixture.Store.ReadWriteLayers());
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task What_a_container_changed_becomes_a_layer(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer parent = await fixture.AddAsync(Archive.Of(
            Archive.Directory("d/"), Archive.File("d/kept", "kept"), Archive.File("d/gone", "gone"), Archive.File("d/changed", "before")));
        await fixture.Store.CreateReadWriteAsync("box", parent.ChainId);
        string tree = await fixture.Store.MountAsync("box");
        File.Delete(Path.Combine(tree, "d/gone"));
        File.WriteAllText(Path.Combine(tree, "d/changed"), "after that");
        File.WriteAllText(Path.Combine(tree, "new"), "new");
        await fixture.Store.UnmountAsync("box");

        using var tar = new MemoryStream();
        LayerSummary summary = await fixture.Store.DiffAsync("box", tar);
        List<string> entries = EntryCollector.Read(tar.ToArray()).Entries;
        Assert.Equal(["d/", "d/changed", "d/.wh.gone", "new"], entries.Select(entry => entry.Split(' ')[1]));
        Assert.Equal((4, tar.Length), (summary.EntryCount, summary.UncompressedBytes));

        Layer child = (await fixture.Store.CommitAsync("box")).Layer;
        Assert.Equal(parent.ChainId, child.Parent);
        using DirectoryHandle view = LayerView.Open(fixture.Store.Context.Driver, child.CacheId);
        using DirectoryHandle directory = TreeWalk.TryOpen(view, "d\0"u8)!;
        Assert.Equal(["changed", "kept"], TreeWalk.Names(directory).Select(name => System.Text.Encoding.ASCII.GetString(name.AsSpan(..^1))));
        Assert.Empty(Directory.GetDirectories(fixture.Driver, "merged", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task An_untouched_container_changed_nothing(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer parent = await fixture.AddAsync("etc/hosts");
        await fixture.Store.CreateReadWriteAsync("box", parent.ChainId);
        LayerSummary summary = await fixture.Store.DiffAsync("box", Stream.Null);
        Assert.Equal("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", $"{summary.DiffId}");
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_changed_copy_of_a_layers_tree_gives_the_change(string driver)
    {
        Root.Needed();
        using var fixture = new StoreFixture(driver);
        using var copy = new TemporaryFolder();
        Layer bottom = await fixture.AddAsync("a");
        Layer top = await fixture.AddAsync("b", bottom.ChainId);
        using (DirectoryHandle view = LayerView.Open(fixture.Store.Context.Driver, top.CacheId))
        {
            using DirectoryHandle target = DirectoryHandle.Open(copy.Path);
            new TreeCopier().Copy(view, target);
        }

        copy.Write("c", "new");
        File.Delete(copy["a"]);
        using var tar = new MemoryStream();
        await fixture.Store.DiffTreeAsync(copy.Path, top.ChainId, tar);
        Assert.Equal([".wh.a", "c"], EntryCollector.Read(tar.ToArray()).Entries.Select(entry => entry.Split(' ')[1]));
    }

    [Fact]
    public async Task A_layer_that_is_mounted_is_not_removed()
    {
        Root.Needed();
        using var fixture = new StoreFixture();
        Layer parent = await fixture.AddAsync("f");
        await fixture.Store.CreateReadWriteAsync("box", parent.ChainId);
        await fixture.Store.MountAsync("box");
        await Assert.ThrowsAsync<StoreException>(() => fixture.Store.RemoveReadWriteAsync("box"));
        await fixture.Store.UnmountAsync("box");
        await fixture.Store.RemoveReadWriteAsync("box");
    }

    [Fact]
    public async Task A_mount_that_a_dead_process_left_goes_with_its_orphan()
    {
        Root.Needed();
        using var fixture = new StoreFixture();
        Layer parent = await fixture.AddAsync("f");
        ReadWriteLayer layer = await fixture.Store.CreateReadWriteAsync("box", parent.ChainId);
        await fixture.Store.MountAsync("box");
        Directory.Delete(Path.Combine(fixture.Mounts, "box"), recursive: true);
        await fixture.Store.SweepAsync();
        Assert.False(Directory.Exists(Path.Combine(fixture.Driver, layer.MountId)));
        Assert.DoesNotContain(File.ReadLines("/proc/self/mounts"), line => line.Contains(fixture.Root, StringComparison.Ordinal));
    }

    [Fact]
    public async Task As_many_layers_as_a_store_allows_can_be_mounted_and_compared()
    {
        const int count = 125;
        Root.Needed();
        using var fixture = new StoreFixture();
        ChainId? top = null;
        for (int number = 0; number < count; number++)
        {
            top = (await fixture.AddAsync($"file-{number}", top)).ChainId;
        }

        await Assert.ThrowsAsync<StoreException>(() => fixture.AddAsync("one-more", top));
        await fixture.Store.CreateReadWriteAsync("box", top);
        string tree = await fixture.Store.MountAsync("box");
        Assert.Equal(count, Directory.GetFiles(tree, "file-*").Length);
        File.WriteAllText(Path.Combine(tree, "new"), "new");
        await fixture.Store.UnmountAsync("box");
        using DirectoryHandle view = LayerView.Open(fixture.Store.Context.Driver, fixture.Store.FindReadWrite("box").MountId);
        Assert.Equal(0, view.TryGetStatus("new\0"u8, out _));
        Assert.Equal(0, view.TryGetStatus("file-0\0"u8, out _));
    }
}
