using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The real engine opens a root whose images it never wrote: it lists, runs, saves and removes them.</summary>
[Collection(EngineCollection.Name)]
public sealed class EngineReadsOurImages
{
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task An_archive_that_an_engine_saved_is_loaded_run_saved_and_removed(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        OddImage image = OddImage.Write(temporary);
        string saved = temporary["saved-by-engine.tar"];
        await using (Dockerd maker = await Dockerd.StartAsync(temporary, temporary["maker"], driver))
        {
            await maker.RunAsync("load", "--input", image.Archive);
            await maker.RunAsync("save", "--output", saved, OddImage.Name);
        }

        string root = temporary["root"];
        await BlobsCommand.With("load", saved, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        await ExpectAsync(temporary, root, driver, image.Id, image.DiffIds);
    }

    [Theory]
    [InlineData("overlay2", "oci")]
    [InlineData("overlay2", "oci-archive")]
    [InlineData("overlay", "oci")]
    [InlineData("overlay", "oci-archive")]
    public async Task A_layout_that_skopeo_wrote_is_loaded_run_saved_and_removed(string driver, string format)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        OddImage image = OddImage.Write(temporary);
        string layout = temporary["layout"];
        string place = $"{format}:{layout}:{OddImage.Name}";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", place);

        // On its way into a layout the config is written anew.
        string id = Sha256Text.Of((await Skopeo.InspectAsync(place, "--config", "--raw")).Output);
        string root = temporary["root"];
        await BlobsCommand.With("load", layout, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        await ExpectAsync(temporary, root, driver, id, image.DiffIds);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task What_we_save_as_OCI_is_loaded_by_an_engine_that_reads_no_layouts_and_by_skopeo(string compression)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string saved = temporary["saved.tar"];
        await BlobsCommand.With("load", image.Archive, "--root", temporary["root"], "--quiet").SucceedAsync();
        await BlobsCommand.With(
            "save", TestImage.Name, "--root", temporary["root"], "--format", "oci", "--compression", compression, "-o", saved).SucceedAsync();
        string config = (await Skopeo.InspectAsync($"oci-archive:{saved}", "--config", "--raw")).Text;
        Assert.Equal(image.Id, Sha256Text.Of(Encoding.UTF8.GetBytes(config)));

        await using Dockerd engine = await Dockerd.StartAsync(temporary, temporary["other"]);
        Assert.Contains($"Loaded image: {TestImage.Name}", await engine.RunAsync("load", "--input", saved), StringComparison.Ordinal);
        Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name));
    }

    // Mount options name every layer of overlay2 and must fit into a page; overlay links every file of every layer below.
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task Images_of_3_40_and_120_layers_are_loaded_and_run(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string[] layers = DeepLayers.Write(temporary, 120);
        int[] counts = [3, 40, 120];
        foreach (int count in counts)
        {
            string archive = temporary[$"image-{count}.tar"];
            DockerArchive.Write(archive, $"layers-{count}:1", layers[..count], "/bin/sh", "-c", "echo /file-*");
            await BlobsCommand.With("load", archive, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        }

        await using Dockerd engine = await Dockerd.StartAsync(temporary, root, driver);
        foreach (int count in counts)
        {
            Assert.Equal(
                $"/file-{count - 1}\n", await engine.RunAsync("run", "--rm", "--network", "none", $"layers-{count}:1"));
        }

        await engine.RunAsync(["rmi", .. counts.Select(count => $"layers-{count}:1")]);
        ExpectNoLayer(root, driver);
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task An_engine_and_I_change_one_root_in_turns(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage first = TestImage.Write(temporary, seed: 1);
        TestImage second = TestImage.Write(temporary, seed: 2);
        await BlobsCommand.With("load", first.Archive, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        await BlobsCommand.With("tag", TestImage.Name, "first:1", "--root", root).SucceedAsync();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            // Its last layers are those of the first image: only what is above the base differs.
            await engine.RunAsync("load", "--input", second.Archive);
            await engine.RunAsync("rmi", "first:1");
            Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name));
        }

        await BlobsCommand.With("load", first.Archive, "--root", root, "--quiet").SucceedAsync();
        await BlobsCommand.With("tag", first.Id, "first:2", "--root", root).SucceedAsync();
        await BlobsCommand.With("rmi", second.Id, "--root", root).SucceedAsync();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", "first:2"));
            Assert.Equal(
                [$"first:2 {first.Id}", $"{TestImage.Name} {first.Id}"],
                (await engine.RunAsync("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"))
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
            await engine.RunAsync("rmi", "first:2", TestImage.Name);
        }

        ExpectNoLayer(root, driver);
    }

    internal static void ExpectNoLayer(string root, string driver)
    {
        Assert.Empty(Directory.GetDirectories(Path.Combine(root, "image", driver, "layerdb", "sha256")));
        Assert.All(Directory.GetDirectories(Path.Combine(root, driver)), folder => Assert.Equal("l", Path.GetFileName(folder)));
    }

    private static async Task ExpectAsync(TemporaryRoot temporary, string root, string driver, string id, IReadOnlyList<string> diffIds)
    {
        await using Dockerd engine = await Dockerd.StartAsync(temporary, root, driver);
        Assert.Equal(
            $"{OddImage.Name} {id}\n", await engine.RunAsync("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"));
        Assert.Equal(OddImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", OddImage.Name));
        string saved = temporary["saved.tar"];
        await engine.RunAsync("save", "--output", saved, OddImage.Name);
        Assert.Equal(diffIds, DockerArchive.LayerDigests(saved));
        await engine.RunAsync("rmi", OddImage.Name);
        ExpectNoLayer(root, driver);
    }
}
