using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>A pull whose registry keeps it waiting in the middle of a layer, and what other programs do to its root meanwhile.</summary>
public sealed class WaitingPullSpecs
{
    private const long StallAfterBytes = 2 << 20;

    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Others_write_and_tidy_and_leave_it_alone(string driver)
    {
        await using var temporary = new TemporaryRoot();
        await using Scene scene = await Scene.StallAsync(temporary, driver);
        string layer = LayerFiles.Write(temporary, "other.tar", OddLayer.Build());
        await BlobsCommand.With("ingest", layer, "--root", scene.Root, "--driver", driver, "--wait", "0").SucceedAsync();
        await BlobsCommand.With("layer", "prune", "--root", scene.Root, "--driver", driver, "--wait", "0").SucceedAsync();
        await scene.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task A_layer_that_was_there_and_is_removed_with_another_image_is_fetched(string driver)
    {
        await using var temporary = new TemporaryRoot();
        TestImage other = TestImage.Write(temporary, seed: 2);
        await BlobsCommand.With("load", other.Archive, "--root", temporary["root"], "--driver", driver).SucceedAsync();
        await using Scene scene = await Scene.StallAsync(temporary, driver);
        await BlobsCommand.With("rmi", TestImage.Name, "--root", scene.Root, "--driver", driver, "--wait", "0").SucceedAsync();
        CommandResult images = await BlobsCommand.With("images", "--json", "--root", scene.Root, "--driver", driver).SucceedAsync();
        Assert.Equal(0, images.Json.GetArrayLength());
        CommandResult ended = await scene.EndAsync();
        Assert.Equal(4, ended.Json.GetProperty("newLayers").GetInt32());
    }

    [Fact]
    public async Task Two_pulls_of_images_that_share_layers_both_succeed()
    {
        await using var temporary = new TemporaryRoot();
        await using Scene first = await Scene.StallAsync(temporary, "overlay2");
        await using Scene second = await Scene.StallAsync(temporary, "overlay2", seed: 2);
        await second.EndAsync();
        await first.EndAsync();
        CommandResult images = await BlobsCommand.With("images", "--json", "--root", first.Root).SucceedAsync();
        Assert.Equal(2, images.Json.GetArrayLength());
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Killed_it_leaves_what_the_next_that_writes_tidies(string driver)
    {
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "other.tar", OddLayer.Build());
        await BlobsCommand.IngestAsync(layer, temporary["root"], driver: driver);
        await using Scene scene = await Scene.StallAsync(temporary, driver);
        string temporaries = Path.Combine(scene.Root, "image", driver, "layerdb", "tmp");
        Assert.NotEmpty(Directory.GetDirectories(temporaries));
        await scene.KillAsync();
        Assert.NotEmpty(Directory.GetDirectories(temporaries));

        await BlobsCommand.IngestAsync(layer, scene.Root, driver: driver);
        Assert.Empty(Directory.GetDirectories(temporaries));
        string home = Path.Combine(scene.Root, driver == "vfs" ? "vfs/dir" : driver);
        int layers = Directory.GetDirectories(Path.Combine(scene.Root, "image", driver, "layerdb", "sha256")).Length;
        Assert.Equal(layers, Directory.GetDirectories(home).Count(directory => Path.GetFileName(directory) != "l"));
    }

    [Fact]
    public async Task A_daemon_cannot_start()
    {
        await using var temporary = new TemporaryRoot();
        string volumes = Directory.CreateDirectory(Path.Combine(temporary["root"], "volumes")).FullName;
        Directory.CreateDirectory(Path.Combine(temporary["root"], "image", "overlay2"));
        string database = Path.Combine(volumes, "metadata.db");
        await File.WriteAllBytesAsync(database, []);
        await using Scene scene = await Scene.StallAsync(temporary, "overlay2");
        Assert.Equal(1, (await new Command("flock", "--nonblock", "--exclusive", database, "true").RunAsync()).ExitCode);
        await scene.EndAsync();
        await new Command("flock", "--nonblock", "--exclusive", database, "true").SucceedAsync();
    }

    /// <summary>A pull that has come to the middle of its large layer, and the line that stalls there.</summary>
    private sealed class Scene(DockerRegistry registry, CuttingProxy line, RunningCommand pull, string root) : IAsyncDisposable
    {
        public string Root => root;

        public static async Task<Scene> StallAsync(TemporaryRoot temporary, string driver, int seed = 1)
        {
            DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
            TestImage image = TestImage.Write(temporary, seed);
            await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/app:1");
            var line = new CuttingProxy(registry.Port, stallAfterBytes: StallAfterBytes);
            string root = temporary["root"];
            RunningCommand pull = RunningCommand.Start(
                "pull", $"{line.Host}/app:1", "--root", root, "--driver", driver, "--jobs", "1", "--json");
            await line.Stalled;
            string temporaries = Path.Combine(root, "image", driver, "layerdb", "tmp");
            await pull.UntilAsync(() => Directory.Exists(temporaries) && Directory.GetDirectories(temporaries).Length > 0);
            return new Scene(registry, line, pull, root);
        }

        /// <summary>Lets the pull go on to its end, and looks whether the root is right.</summary>
        public async Task<CommandResult> EndAsync()
        {
            Assert.False(pull.HasEnded);
            line.Release();
            CommandResult ended = (await pull.EndAsync()).Expect(0);
            CommandResult verified = await BlobsCommand.RunAsync("verify", "--root", root);
            Assert.True(verified.ExitCode == 0, verified.Text);
            return ended;
        }

        public Task KillAsync() => pull.KillAsync();

        public async ValueTask DisposeAsync()
        {
            await pull.DisposeAsync();
            await line.DisposeAsync();
            await registry.DisposeAsync();
        }
    }
}
