using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Without privileges the command does all that it may, says once what it could not, and loses nothing.</summary>
public sealed class NonRootSpecs
{
    private const string Nobody = "65534";

    [Fact]
    public async Task Nobody_can_ingest_what_root_packed_and_gets_the_same_tar_back()
    {
        await using var temporary = new TemporaryRoot();
        string command = await PublishForNobodyAsync(temporary);
        byte[] tar = OddLayer.Build();
        string layer = LayerFiles.Write(temporary, "odd.tar.gz", LayerFiles.Gzip(tar));
        string root = await FolderOfNobodyAsync(temporary, "root");

        CommandResult ingested =
            (await AsNobody(temporary, command, "ingest", layer, "--root", root, "--json").RunAsync()).Expect(0);
        Assert.True(ingested.Talk.Count == 1, $"what was skipped is said in one line, not {ingested.Talk.Count}:\n{ingested.Error}");

        string chainId = IngestedLayer.Parse(ingested).ChainId;
        CommandResult exported =
            await AsNobody(temporary, command, "layer", "export", chainId, "--root", root).SucceedAsync();
        Assert.Equal(Sha256Text.Of(tar), Sha256Text.Of(exported.Output));
    }

    [Fact]
    public async Task Nobody_ingests_an_ordinary_layer_on_another()
    {
        await using var temporary = new TemporaryRoot();
        string command = await PublishForNobodyAsync(temporary);
        string root = await FolderOfNobodyAsync(temporary, "root");
        string? parent = null;
        foreach (byte[] tar in new[] { BaseLayer.Build(), WhiteoutLayer.Build() })
        {
            string layer = LayerFiles.Write(temporary, "layer.tar", tar);
            string[] onParent = parent is null ? [] : ["--parent", parent];
            parent = IngestedLayer.Parse(
                await AsNobody(temporary, command, ["ingest", layer, "--root", root, .. onParent, "--json"]).SucceedAsync()).ChainId;
            CommandResult exported =
                await AsNobody(temporary, command, "layer", "export", parent, "--root", root).SucceedAsync();
            Assert.Equal(Sha256Text.Of(tar), Sha256Text.Of(exported.Output));
        }
    }

    [Fact]
    public async Task What_nobody_may_not_read_is_not_called_wrong()
    {
        await using var temporary = new TemporaryRoot();
        string command = await PublishForNobodyAsync(temporary);
        string root = await FolderOfNobodyAsync(temporary, "root");
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        await AsNobody(temporary, command, "ingest", layer, "--root", root, "--quiet").SucceedAsync();
        string layers = Path.Combine(root, "image/overlay2/layerdb/sha256");
        string name = Directory.GetDirectories(layers).Single();
        string link = Directory.GetFiles(Path.Combine(root, "overlay2"), "link", SearchOption.AllDirectories).Single();
        foreach (string path in (string[])[layers, name, Path.Combine(name, "size"), Path.Combine(name, "tar-split.json.gz"), link])
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, UnixFileMode.None);
            CommandResult verified = await AsNobody(temporary, command, "verify", "--root", root).RunAsync();
            File.SetUnixFileMode(path, mode);
            Assert.Equal(1, verified.ExitCode);
            Assert.Contains("could not be read", verified.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong    ", verified.Text, StringComparison.Ordinal);
        }

        await AsNobody(temporary, command, "verify", "--root", root).SucceedAsync();
    }

    private static Command AsNobody(TemporaryRoot temporary, string command, params string[] arguments) =>
        new(Oracle.Need("setpriv"), [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--", command, .. arguments])
        {
            WorkingDirectory = temporary.Path,
            Environment = new Dictionary<string, string> { ["HOME"] = temporary["home"], ["TMPDIR"] = temporary["home"] },
        };

    // The checkout may lie where nobody may not look, under /root for one.
    private static async Task<string> PublishForNobodyAsync(TemporaryRoot temporary)
    {
        Oracle.NeedRoot();
        await FolderOfNobodyAsync(temporary, "home");
        string copy = temporary["command"];
        await new Command("cp", "-r", Path.GetDirectoryName(BlobsCommand.Path)!, copy).SucceedAsync();
        await new Command("chmod", "-R", "a+rX", copy).SucceedAsync();
        return Path.Combine(copy, Path.GetFileName(BlobsCommand.Path));
    }

    private static async Task<string> FolderOfNobodyAsync(TemporaryRoot temporary, string name)
    {
        string folder = temporary.Folder(name);
        await new Command("chown", $"{Nobody}:{Nobody}", folder).SucceedAsync();
        return folder;
    }
}
