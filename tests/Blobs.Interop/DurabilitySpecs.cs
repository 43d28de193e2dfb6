using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>What strace sees of the order in which a layer reaches the disk.</summary>
public sealed class DurabilitySpecs
{
    private const int Files = 20;

    [Fact]
    public async Task Without_durability_nothing_is_synced() => Assert.DoesNotContain("sync", Names(await CallsAsync("none")));

    [Fact]
    public async Task A_commit_is_one_sync_before_the_layer_has_its_name_and_one_of_the_name()
    {
        string[] calls = await CallsAsync("commit");
        int sync = Array.FindIndex(calls, call => call.Contains("syncfs(", StringComparison.Ordinal));
        int rename = Array.FindIndex(calls, call => call.Contains("/layerdb/sha256/", StringComparison.Ordinal));
        Assert.True(sync >= 0 && sync < rename, string.Join('\n', calls));
        Assert.Single(calls, call => call.Contains("syncfs(", StringComparison.Ordinal));
        Assert.Contains(calls[rename..], call => call.Contains("fsync(", StringComparison.Ordinal));
        Assert.True(calls.Count(call => call.Contains("fsync(", StringComparison.Ordinal)) < Files, string.Join('\n', calls));
    }

    [Fact]
    public async Task Full_durability_syncs_every_file() =>
        Assert.True((await CallsAsync("full")).Count(call => call.Contains("fsync(", StringComparison.Ordinal)) > Files);

    private static async Task<string[]> CallsAsync(string durability)
    {
        await using var temporary = new TemporaryRoot();
        byte[] tar = new TarBuilder()
            .AddRange(Enumerable.Range(0, Files).Select(number => new TarMember($"file-{number}") { Content = "x"u8.ToArray() }))
            .ToArray();
        string layer = LayerFiles.Write(temporary, "layer.tar", tar);
        string log = temporary["calls"];
        await new Command(
            Oracle.Need("strace"), "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs,renameat2", "-e", "signal=none", "-o", log,
            BlobsCommand.Path, "ingest", layer, "--root", temporary["root"], "--durability", durability, "--quiet").SucceedAsync();
        return await File.ReadAllLinesAsync(log);
    }

    private static string Names(IEnumerable<string> calls) => string.Join('\n', calls);
}
