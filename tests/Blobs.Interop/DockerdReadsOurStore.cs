using System.Text.Json;
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
        WriteImage(root, driver, [.. ingested.Select(layer => layer.DiffId)]);

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

    // What a pull leaves for an image: its configuration under its own digest, and a name for it.
    private static void WriteImage(string root, string driver, IReadOnlyList<string> diffIds)
    {
        byte[] config = ImageConfig.Build(diffIds, "/bin/sh");
        string imageId = Sha256Text.Of(config);
        string images = Path.Combine(root, "image", driver);
        string content = Directory.CreateDirectory(Path.Combine(images, "imagedb", "content", "sha256")).FullName;
        Directory.CreateDirectory(Path.Combine(images, "imagedb", "metadata", "sha256"));
        File.WriteAllBytes(Path.Combine(content, imageId["sha256:".Length..]), config);
        File.WriteAllBytes(
            Path.Combine(images, "repositories.json"),
            JsonSerializer.SerializeToUtf8Bytes(new
            {
                Repositories = new Dictionary<string, object> { ["ours"] = new Dictionary<string, string> { [Name] = imageId } },
            }));
    }
}
