using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Archives and layouts that skopeo and podman wrote, copied by us to every other kind and read by skopeo again.</summary>
public sealed class CopySpecs
{
    private static readonly string[] Archives = ["docker-archive", "oci", "oci-archive"];

    public static TheoryData<string, string> Pairs =>
        [.. Archives.SelectMany(from => Archives, (from, to) => (from, to)).Select(pair => new TheoryDataRow<string, string>(pair.from, pair.to))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task What_skopeo_wrote_is_copied_to_what_skopeo_reads(string from, string to)
    {
        if (to == "oci-archive")
        {
            // skopeo 1.9 unpacks such an archive with the owners that stand in it: root.
            Oracle.NeedRoot();
        }

        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string source = $"{from}:{temporary["source"]}:app:1";
        string target = $"{to}:{temporary["target"]}:app:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", source);
        await BlobsCommand.With("copy", source, target, "--quiet").SucceedAsync();
        string config = (await Skopeo.InspectAsync(source, "--config", "--raw")).Text;
        Assert.Equal(config, (await Skopeo.InspectAsync(target, "--config", "--raw")).Text);
        await ExpectLayersAsync(temporary, target, image.DiffIds);

        // And through a root, where the layers are trees.
        string root = $"docker-data:{temporary["root"]}//app:1";
        string back = $"{to}:{temporary["back"]}:app:1";
        await BlobsCommand.With("copy", source, root, "--quiet").SucceedAsync();
        await BlobsCommand.With("copy", "app:1", back, "--root", temporary["root"], "--quiet").SucceedAsync();
        Assert.Equal(config, (await Skopeo.InspectAsync(back, "--config", "--raw")).Text);
        await ExpectLayersAsync(temporary, back, image.DiffIds);
    }

    [Theory]
    [InlineData("docker-archive")]
    [InlineData("oci-archive")]
    public async Task What_podman_saved_is_loaded(string format)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string[] podman =
        [
            "--root", temporary["podman"], "--runroot", temporary["podman-run"], "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
        ];
        await new Command(Oracle.Need("podman"), [.. podman, "load", "--quiet", "--input", image.Archive]).SucceedAsync();
        await new Command(
            Oracle.Need("podman"), [.. podman, "save", "--quiet", "--format", format, "--output", temporary["saved.tar"], TestImage.Name]).SucceedAsync();
        JsonElement loaded = (await BlobsCommand.With("load", temporary["saved.tar"], "--root", temporary["root"], "--json", "--quiet").SucceedAsync()).Json;
        Assert.Equal(4, loaded[0].GetProperty("newLayers").GetInt32());
        JsonElement layers = (await BlobsCommand.With("layers", "--root", temporary["root"], "--json").SucceedAsync()).Json;
        Assert.Equal(
            image.DiffIds.Order(), layers.EnumerateArray().Select(layer => layer.GetProperty("diffId").GetString()!).Order());
    }

    // skopeo checks every digest of what it copies; a plain archive shows the tars.
    private static async Task ExpectLayersAsync(TemporaryRoot temporary, string place, IReadOnlyList<string> diffIds)
    {
        string archive = temporary[$"{Guid.NewGuid():n}.tar"];
        await Skopeo.CopyAsync(place, $"docker-archive:{archive}:app:1");
        Assert.Equal(diffIds, DockerArchive.LayerDigests(archive));
    }
}
