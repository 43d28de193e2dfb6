using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Several programs on one root: an engine, and more than one of us.</summary>
[Collection(EngineCollection.Name)]
public sealed class SharedRootSpecs
{
    [Fact]
    public async Task While_a_daemon_holds_the_root_I_can_read_and_not_write()
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        string image = temporary["image.tar"];
        DockerArchive.Write(image, "base:latest", [layer], "/bin/sh");
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root))
        {
            await engine.RunAsync("load", "--quiet", "--input", image);
            string line = (await BlobsCommand.RunAsync("ingest", layer, "--root", root)).ExpectRefusal();
            Assert.Contains(root, line, StringComparison.Ordinal);
            Assert.Contains("Docker daemon", line, StringComparison.Ordinal);
            Assert.Contains($"dockerd, pid {engine.Id}", line, StringComparison.Ordinal);

            CommandResult listed = await BlobsCommand.With("layers", "--json", "--root", root).SucceedAsync();
            Assert.Equal(1, listed.Json.GetArrayLength());
            CommandResult exported = await BlobsCommand.With("layer", "export", Sha256Text.OfFile(layer), "--root", root).SucceedAsync();
            Assert.Equal(Sha256Text.OfFile(layer), Sha256Text.Of(exported.Output));
        }

        await BlobsCommand.IngestAsync(layer, root);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("commit")]
    [InlineData("copy")]
    [InlineData("create")]
    [InlineData("ingest")]
    [InlineData("layer prune")]
    [InlineData("load")]
    [InlineData("mount")]
    [InlineData("pull")]
    [InlineData("push")]
    [InlineData("rm")]
    [InlineData("rmi")]
    [InlineData("tag")]
    [InlineData("unmount")]
    public async Task Every_verb_that_writes_to_a_root_asks_how_long_to_wait_and_what_to_sync(string verb)
    {
        CommandResult help = await BlobsCommand.With([.. verb.Split(' '), "--help"]).SucceedAsync();
        Assert.Contains("--wait <SECONDS>", help.Text, StringComparison.Ordinal);
        Assert.Contains("--durability <LEVEL>", help.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_I_write_others_read_and_wait_their_turn_to_write()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        byte[] tar = BaseLayer.Build();
        string layer = LayerFiles.Write(temporary, "layer.tar", WhiteoutLayer.Build());
        await using RunningCommand first = RunningCommand.Start("ingest", "-", "--root", root);
        await first.FeedAsync(tar.AsMemory(0, 2000));
        await first.UntilAsync(() => Directory.Exists(Path.Combine(root, "image", "overlay2", "layerdb", "tmp")));

        string line = (await BlobsCommand.RunAsync("ingest", layer, "--root", root, "--wait", "0")).ExpectRefusal();
        Assert.Contains($"blobs, pid {first.Id}", line, StringComparison.Ordinal);
        CommandResult listed = await BlobsCommand.With("layers", "--json", "--root", root).SucceedAsync();
        Assert.Equal(0, listed.Json.GetArrayLength());

        await using RunningCommand second = RunningCommand.Start("ingest", layer, "--root", root);
        await first.FeedAsync(tar.AsMemory(2000));
        Assert.False(second.HasEnded);
        (await first.EndAsync()).Expect(0);
        CommandResult waited = (await second.EndAsync()).Expect(0);
        Assert.True(waited.Talk.Count <= 1, waited.Error);
        listed = await BlobsCommand.With("layers", "--json", "--root", root).SucceedAsync();
        Assert.Equal(2, listed.Json.GetArrayLength());
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task After_a_crash_the_engine_starts_and_the_next_of_us_tidies(string driver)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        byte[] tar = OddLayer.Build();
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        IngestedLayer ingested = await BlobsCommand.IngestAsync(layer, root, driver: driver);
        string home = Path.Combine(root, driver == "vfs" ? "vfs/dir" : driver);
        string[] before = Directories(root, driver, home);

        await using (RunningCommand killed = RunningCommand.Start("ingest", "-", "--root", root, "--driver", driver, "--parent", ingested.ChainId))
        {
            await killed.FeedAsync(tar.AsMemory(0, tar.Length / 2));
            await killed.UntilAsync(() => Directory.GetFileSystemEntries(home, "sizes", SearchOption.AllDirectories).Length > 0);
            await killed.KillAsync();
        }

        Assert.NotEqual(before, Directories(root, driver, home));
        StoredImages.Write(root, driver, ("base:latest", [ingested.DiffId]));
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            Assert.Equal("base:latest", (await engine.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Trim());
        }

        await BlobsCommand.IngestAsync(layer, root, driver: driver);
        Assert.Equal(before, Directories(root, driver, home));
    }

    private static string[] Directories(string root, string driver, string home) =>
    [
        .. Directory.GetDirectories(home),
        .. Directory.GetFileSystemEntries(Path.Combine(root, "image", driver, "layerdb", "tmp")),
        .. Directory.GetFileSystemEntries(Path.Combine(root, "image", driver, "layerdb", "sha256")),
        .. driver == "overlay2" ? Directory.GetFileSystemEntries(Path.Combine(home, "l")) : [],
    ];
}
