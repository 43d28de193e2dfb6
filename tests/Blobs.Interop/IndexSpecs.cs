using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Indexes with everything that refers to them, between the reference registry, ours, layouts and archives, and as
/// skopeo and containerd see them.</summary>
public sealed class IndexSpecs
{
    [Fact]
    public async Task Everything_arrives_unchanged_and_is_sent_once()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry theirs = await DockerRegistry.StartAsync(temporary);
        await using RegistryProcess ours = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        string index = new IndexedLayout(temporary["layout"]).Index;
        string[] places =
        [
            $"oci:{temporary["layout"]}:1", $"docker://{theirs.Host}/app:1", $"docker://{ours.Address}/app:1",
            $"docker://{ours.Address}/other:1", $"oci-archive:{temporary["copy.tar"]}:1", $"oci:{temporary["copy"]}:1",
        ];
        foreach ((string from, string to) in places.Zip(places.Skip(1)))
        {
            JsonElement copied = await CopyAllAsync(from, to);
            Assert.Equal(index, copied.GetProperty("manifest").GetString());
            Assert.Equal(IndexedLayout.Manifests, copied.GetProperty("newManifests").GetInt32());

            if (to.StartsWith("docker:", StringComparison.Ordinal))
            {
                JsonElement again = await CopyAllAsync(from, to);
                Assert.Equal(0, again.GetProperty("newManifests").GetInt32());
                Assert.Equal(0, again.GetProperty("newLayers").GetInt32());
            }
        }

        Assert.Equal(IndexedLayout.FilesIn(temporary["layout"]), IndexedLayout.FilesIn(temporary["copy"]));
        int sent = theirs.CountRequests("PUT");
        await CopyAllAsync(places[0], places[1]);
        Assert.Equal(sent, theirs.CountRequests("PUT"));

        // skopeo takes the whole index, and its digests with it.
        await Skopeo.CopyAsync(places[3], $"oci:{temporary["skopeo"]}:1", "--all", "--preserve-digests");
        Assert.Contains(index[7..], IndexedLayout.FilesIn(temporary["skopeo"]));
    }

    [Fact]
    public async Task An_index_that_skopeo_sent_is_changed_and_read_by_skopeo()
    {
        // skopeo 1.9 unpacks an OCI archive with the owners that stand in it: root.
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        _ = new IndexedLayout(temporary["layout"]);
        await Skopeo.CopyAsync($"oci:{temporary["layout"]}:1", $"docker://{registry.Host}/app:1", "--all", "--preserve-digests");
        await BlobsCommand.With("index", "remove", $"{registry.Host}/app:1", "--platform", "linux/arm64", "--quiet").SucceedAsync();
        Assert.Equal(["amd64", "arm", "unknown", "unknown"], await ArchitecturesAsync($"docker://{registry.Host}/app:1"));
        await BlobsCommand.With(
            "index", "create", $"{registry.Host}/made:1", $"oci:{temporary["layout"]}:1", $"{registry.Host}/app:1", "--quiet").SucceedAsync();
        Assert.Equal(
            ["amd64", "arm", "arm64", "unknown", "unknown", "unknown"], await ArchitecturesAsync($"docker://{registry.Host}/made:1"));
        string file = temporary["app.json"];
        await File.WriteAllTextAsync(file, "{}\n");
        string attached = (await BlobsCommand.With(
            "attach", file, "--to", $"{registry.Host}/made:1", "--type", "application/spdx+json", "--quiet").SucceedAsync()).Text.Trim();
        string[] referrers = (await BlobsCommand.With("referrers", $"{registry.Host}/made:1").SucceedAsync()).Text.Split(' ', '\n');
        Assert.Contains(attached, referrers);
        string annotated = (await BlobsCommand.With(
            "annotate", $"{registry.Host}/made:1", "a=b", "--to", $"oci-archive:{temporary["a.tar"]}:1", "--quiet").SucceedAsync()).Text.Trim();
        Assert.Equal(annotated, Sha256Text.Of((await Skopeo.InspectAsync($"oci-archive:{temporary["a.tar"]}:1", "--raw")).Output));
    }

    [Fact]
    public async Task What_containerd_left_out_of_an_index_is_named()
    {
        await using var temporary = new TemporaryRoot();
        var layout = new IndexedLayout(temporary["layout"]);

        // ctr images export --platform linux/amd64 keeps the index, and leaves out the manifests for other platforms.
        layout.Lose(layout.Images[1]);
        layout.Lose(layout.Images[2]);

        CommandResult refused = await BlobsCommand.RunAsync("copy", $"oci:{temporary["layout"]}:1", $"oci:{temporary["copy"]}:1", "--quiet");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("(linux/arm64)", refused.Error, StringComparison.Ordinal);
        await BlobsCommand.With(
            "copy", $"oci:{temporary["layout"]}:1", $"oci:{temporary["copy"]}:1", "--platform", "linux/amd64", "--quiet").SucceedAsync();
    }

    [Fact]
    public async Task Tags_are_synced_and_a_failure_is_one_line_at_the_end()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        _ = new IndexedLayout(temporary["layout"]);
        foreach (string tag in (string[])["v1", "v2", "main"])
        {
            await BlobsCommand.With("copy", $"oci:{temporary["layout"]}:1", $"docker://{registry.Address}/app:{tag}", "--quiet").SucceedAsync();
        }

        string[] sync = ["sync", $"{registry.Address}/app", $"oci:{temporary["mirror"]}", "--tag", "v*", "--quiet"];
        Assert.Equal("v1: would be copied\nv2: would be copied\n", (await BlobsCommand.With([.. sync, "--dry-run"]).SucceedAsync()).Text);
        JsonElement synced = (await BlobsCommand.With([.. sync, "--json"]).SucceedAsync()).Json;
        Assert.Equal(["copied", "copied"], synced.EnumerateArray().Select(tag => tag.GetProperty("state").GetString()));
        Assert.Equal("v1: unchanged\nv2: unchanged\n", (await BlobsCommand.With(sync).SucceedAsync()).Text);
        CommandResult refused = await BlobsCommand.RunAsync(
            "sync", $"oci:{temporary["mirror"]}", "127.0.0.1:1/app", "--quiet");
        Assert.Equal(1, refused.ExitCode);
        Assert.EndsWith("blobs: 2 of 2 tags failed\n", refused.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> CopyAllAsync(string from, string to) =>
        (await BlobsCommand.With("copy", "--all", from, to, "--quiet", "--json").SucceedAsync()).Json[0];

    private static async Task<IEnumerable<string>> ArchitecturesAsync(string place)
    {
        JsonElement index = await Skopeo.ManifestAsync(place);
        return index.GetProperty("manifests").EnumerateArray()
            .Select(manifest => manifest.GetProperty("platform").GetProperty("architecture").GetString()!).Order(StringComparer.Ordinal);
    }
}
