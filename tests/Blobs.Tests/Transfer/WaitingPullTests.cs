using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Other programs change the root while a pull waits for its registry.</summary>
public sealed class WaitingPullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeRegistry _fake = new();

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    private string Root => _folder["root"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Others_write_and_no_daemon_starts(string driver)
    {
        string database = _folder.Write("root/volumes/metadata.db", "");
        Directory.CreateDirectory(Path.Combine(Root, "image", driver));
        using GatedStream gate = Gate(new RemoteImage(_fake), 1);
        Task<TakenImage> pulling = PullAsync(driver);
        await gate.IsAskedFor;

        Assert.Equal(Errno.None, FileLock.TryTake(Root, isExclusive: true, out FileLock? other));
        other!.Dispose();
        Assert.Equal(Errno.Again, FileLock.TryTake(database, isExclusive: true, out _));
        gate.Open();
        Assert.Equal(3, (await pulling).NewLayers);
        Assert.Equal(Errno.None, FileLock.TryTake(database, isExclusive: true, out FileLock? daemon));
        daemon!.Dispose();
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_that_somebody_has_removed_meanwhile_is_fetched_again(string driver)
    {
        var image = new RemoteImage(_fake);
        using GatedStream gate = Gate(image, 2);
        Task<TakenImage> pulling = PullAsync(driver);
        await gate.IsAskedFor;
        DockerRoot root = Open(driver);
        ChainId[] chain = [ChainId.Of(image.DiffIds[0]), ChainId.Of(ChainId.Of(image.DiffIds[0]), image.DiffIds[1])];
        Assert.Equal(chain.ToHashSet(), root.Layers.Layers().Select(layer => layer.ChainId).ToHashSet());
        foreach (ChainId id in chain)
        {
            // As another process would: what this one does not know of.
            Layer layer = root.Layers.TryGet(id)!;
            root.Layers.Context.Driver.Remove(layer.CacheId);
            TreeRemover.Remove(root.Layers.Context.Paths.Layer(id));
        }

        gate.Open();
        TakenImage taken = await pulling;
        Assert.Equal((3, 3), (taken.LayerCount, taken.NewLayers));
        Assert.Equal([2, 2, 1], Enumerable.Range(0, 3).Select(index => _fake.Asked.Count(line => line.Contains(image.PathOfLayer(index), StringComparison.Ordinal))));
        Layer top = root.Layers.TryGet(root.Images.TryGet(taken.Id)!.Config.ChainId!.Value)!;
        await root.Layers.ExportAsync(top.ChainId, Stream.Null);
        Assert.Empty(await root.Layers.SweepAsync());
    }

    [Fact]
    public async Task A_layer_of_the_image_that_was_there_and_has_gone_is_fetched()
    {
        var image = new RemoteImage(_fake);
        DockerRoot root = Open("overlay2");
        using (var lowest = new MemoryStream(image.Blobs[0]))
        {
            await root.Layers.IngestAsync(lowest);
        }

        using GatedStream gate = Gate(image, 1);
        Task<TakenImage> pulling = PullAsync("overlay2");
        await gate.IsAskedFor;
        Layer layer = Assert.Single(root.Layers.Layers());
        root.Layers.Context.Driver.Remove(layer.CacheId);
        TreeRemover.Remove(root.Layers.Context.Paths.Layer(layer.ChainId));
        gate.Open();
        Assert.Equal(3, (await pulling).NewLayers);
        Assert.Equal(1, _fake.Asked.Count(line => line.Contains(image.PathOfLayer(0), StringComparison.Ordinal)));
        Assert.Equal(3, root.Layers.Layers().Count());
    }

    [Fact]
    public async Task Two_at_once_of_the_same_image_both_succeed()
    {
        var image = new RemoteImage(_fake);
        using GatedStream gate = Gate(image, 0);
        Task<TakenImage> first = PullAsync("overlay2");
        await gate.IsAskedFor;
        TakenImage second = await PullAsync("overlay2");
        gate.Open();
        Assert.Equal(second.Id, (await first).Id);
        DockerRoot root = Open("overlay2");
        Assert.Equal(3, root.Layers.Layers().Count());
        Assert.Empty(await root.Layers.SweepAsync());
    }

    [Fact]
    public async Task Another_writer_in_this_process_does_not_sweep_its_files()
    {
        using GatedStream gate = Gate(new RemoteImage(_fake), 1);
        Task<TakenImage> pulling = PullAsync("overlay2");
        await gate.IsAskedFor;
        DockerRoot root = Open("overlay2");
        using (var other = new MemoryStream(Archive.Of(Archive.File("other", "x"))))
        {
            await root.Layers.IngestAsync(other);
        }

        Assert.Empty(await root.Layers.SweepAsync());
        gate.Open();
        Assert.Equal(3, (await pulling).NewLayers);
        Assert.Equal(4, root.Layers.Layers().Count());
    }

    [Fact]
    public async Task Cancelled_it_leaves_only_whole_layers()
    {
        using GatedStream gate = Gate(new RemoteImage(_fake), 0);
        using var cancellation = new CancellationTokenSource();
        Task<TakenImage> pulling = PullAsync("overlay2", cancellation.Token);
        await gate.IsAskedFor;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pulling);
        Assert.False(Directory.Exists(Root));
    }

    private GatedStream Gate(RemoteImage image, int layer)
    {
        var gate = new GatedStream(image.Blobs[layer]);
        _fake.On($"GET {image.PathOfLayer(layer)}", _ => FakeRegistry.Stream(gate), _ => FakeRegistry.Bytes(image.Blobs[layer]));
        return gate;
    }

    private DockerRoot Open(string driver) => DockerRoot.Open(Root, new DockerRootOptions { Driver = driver, LockWait = TimeSpan.Zero });

    private async Task<TakenImage> PullAsync(string driver, CancellationToken cancellationToken = default)
    {
        using var client = new RegistryClient(_fake.Options() with { IdleTimeout = TimeSpan.FromHours(1) });
        var oneByOne = new PullOptions { LayersAtOnce = 1 };
        return await ImagePuller.PullAsync(client, FakeRegistry.Image, Open(driver), oneByOne, null, cancellationToken);
    }
}
