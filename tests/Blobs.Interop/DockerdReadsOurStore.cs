using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The real engine starts on a store that it never wrote, gives its layers back and runs what is in them.</summary>
[Collection(EngineCollection.Name)]
public sealed class DockerdReadsOurStore
{
    private const string Name = "ours:latest";

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task Saves_runs_and_removes_what_we_ingested(string driver)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        string busybox = Oracle.Need("busybox");
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        string[] layers =
        [
            LayerFiles.Write(temporary, "base.tar.gz", LayerFiles.Gzip(BaseLayer.Build(busybox))),
            LayerFiles.Write(temporary, "odd.tar.gz", LayerFiles.Gzip(OddLayer.Build())),
            LayerFiles.Write(temporary, "whiteout.tar.gz", LayerFiles.Gzip(WhiteoutLayer.Build())),
        ];
        IReadOnlyList<IngestedLayer> ingested = await BlobsCommand.IngestStackAsync(layers, root, driver);
        StoredImages.Write(root, driver, (Name, [.. ingested.Select(layer => layer.DiffId)]));

        await using Dockerd engine = await Dockerd.StartAsync(temporary, root, driver);
        Assert.Equal(Name, (await engine.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Trim());

        string saved = temporary["saved.tar"];
        await engine.RunAsync("save", "--output", saved, Name);
        Assert.Equal(ingested.Select(layer => layer.DiffId), DockerArchive.LayerDigests(saved));

        string seen = await engine.RunAsync("run", "--rm", "--network", "none", Name, "/bin/sh", "-c",
            "ls /opaque; ls -a /hidden /hidden/sub; ls /gone 2>/dev/null; cat /was-directory /links/second");
        Assert.Equal(
            "new\n/hidden:\n.\n..\nb\nsub\n\n/hidden/sub:\n.\n..\nd\nnow a file\ncontent of links/first\n", seen);

        await engine.RunAsync("rmi", Name);
        Assert.Empty(Directory.GetDirectories(Path.Combine(root, "image", driver, "layerdb", "sha256")));
    }

    // Mount options name every layer, and fit into a page only as long as those names are short: past 71 layers in the default
    // root they must be relative.
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task Runs_images_of_3_40_and_120_layers(string driver)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        string[] layers = DeepLayers.Write(temporary, 120);
        IReadOnlyList<IngestedLayer> ingested = await BlobsCommand.IngestStackAsync(layers, root, driver);
        int[] counts = [3, 40, 120];
        StoredImages.Write(
            root, driver, [.. counts.Select(count => ($"layers-{count}:latest", Chain(ingested.Take(count))))]);

        await using Dockerd engine = await Dockerd.StartAsync(temporary, root, driver);
        foreach (int count in counts)
        {
            string seen = await engine.RunAsync(
                "run", "--rm", "--network", "none", $"layers-{count}", "/bin/sh", "-c", "echo /file-*; echo more > /more; cat /more");
            Assert.Equal($"/file-{count - 1}\nmore\n", seen);
        }

        foreach (int count in counts)
        {
            await engine.RunAsync("rmi", $"layers-{count}");
        }

        Assert.Empty(Directory.GetDirectories(Path.Combine(root, "image", driver, "layerdb", "sha256")));
    }

    private static IReadOnlyList<string> Chain(IEnumerable<IngestedLayer> layers) => [.. layers.Select(layer => layer.DiffId)];
}
