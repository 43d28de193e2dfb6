using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>Random images in podman's store: podman mounts the tree that GNU tar makes of their layers, and skopeo would have written
/// the same store. <c>BLOBS_PROPERTY_RUNS</c> says how many times as many.</summary>
[Collection(EngineCollection.Name)]
public sealed partial class PodmanPropertySpecs
{
    private const string Name = "localhost/random:1";
    private const int RunsUsually = 4;

    [Fact]
    public async Task Any_image_that_we_write_is_read_by_podman_and_is_as_skopeo_writes_it()
    {
        Oracle.NeedRoot();
        for (int seed = 0; seed < RunsUsually * Effort.Of("BLOBS_PROPERTY_RUNS", 1); seed++)
        {
            await using var temporary = new TemporaryRoot();
            DateTimeOffset started = DateTimeOffset.UtcNow;
            string[] layers =
                [.. new RandomStack(seed).Build().Select((tar, index) => LayerFiles.Write(temporary, $"{index}.tar", tar))];
            string archive = temporary["image.tar"];
            DockerArchive.Write(archive, Name, layers, "/none");
            string[] diffIds = [.. layers.Select(Sha256Text.OfFile)];
            var ours = new Podman(temporary["ours"], temporary["ours-run"]);
            var theirs = new Podman(temporary["theirs"], temporary["theirs-run"]);
            await BlobsCommand.With("load", archive, "--root", $"containers-storage:{ours.Root}", "--quiet").SucceedAsync();
            await Skopeo.CopyAsync($"docker-archive:{archive}", theirs.Place(Name));

            string[] ids = [.. Records(theirs).Keys.Order(StringComparer.Ordinal)];
            Assert.Equal(ids, Records(ours).Keys.Order(StringComparer.Ordinal));
            foreach (string id in ids)
            {
                Same(seed, Tree(theirs, id, started).Lines, Tree(ours, id, started).Lines);
                Assert.Equal(Records(theirs)[id], Records(ours)[id]);
            }

            string mounted = (await ours.RunAsync("image", "mount", Name)).Trim();
            Same(seed, WithoutLinks(await UnpackAsync(temporary, layers), started), WithoutLinks(mounted, started));
            await ours.RunAsync("image", "unmount", Name);
            await Skopeo.CopyAsync(ours.Place(Name), $"docker-archive:{temporary["back.tar"]}:{Name}");
            Assert.Equal(diffIds, DockerArchive.LayerDigests(temporary["back.tar"]));
            await BlobsCommand.With("verify", "--root", theirs.Root, "--quiet").SucceedAsync();
        }
    }

    private static void Same(int seed, IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> found)
    {
        IEnumerable<string> different = expected.Except(found).Concat(found.Except(expected)).Select(line => $"{line}");
        string all = string.Join('\n', different);
        Assert.True(all.Length == 0, $"seed {seed}:\n{all}");
    }

    // overlayfs also counts the links that a layer above hides. The layers were compared with them.
    private static Dictionary<string, string> WithoutLinks(string tree, DateTimeOffset started) => TreeListing.Of(tree, recent: started).Lines
        .ToDictionary(line => line.Key, line => Links().Replace(line.Value, ""));

    private static TreeListing Tree(Podman podman, string id, DateTimeOffset started) =>
        TreeListing.Of(Path.Combine(podman.Root, "overlay", id, "diff"), recent: started);

    // Records of the layers by id, without the time at which they were stored.
    private static Dictionary<string, string> Records(Podman podman) => JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(podman.Root, "overlay-layers/layers.json"))).RootElement.EnumerateArray()
        .ToDictionary(
            record => record.GetProperty("id").GetString()!,
            record => string.Join('\n', record.EnumerateObject().Where(member => member.Name != "created")));

    // One layer after the other: what its whiteouts name is removed, and the rest unpacked over what is there.
    private static async Task<string> UnpackAsync(TemporaryRoot temporary, string[] layers)
    {
        string tree = temporary.Folder("unpacked"), tar = Oracle.Need("tar");
        await new Command("chmod", "0555", tree).SucceedAsync();
        foreach (string layer in layers)
        {
            string[] names = (await new Command(tar, "--list", "--quoting-style=literal", "--file", layer).SucceedAsync()).Text.Split('\n');
            foreach (string name in names.Where(name => Path.GetFileName(name).StartsWith(".wh.", StringComparison.Ordinal)))
            {
                string folder = Path.Combine(tree, Path.GetDirectoryName(name)!);
                string hidden = Path.GetFileName(name)[".wh.".Length..];
                await (hidden == ".wh..opq"
                    ? new Command("find", folder, "-mindepth", "1", "-delete")
                    : new Command("rm", "-rf", Path.Combine(folder, hidden))).SucceedAsync();
            }

            await new Command(
                tar, "--extract", "--preserve-permissions", "--same-owner", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                "--delay-directory-restore", "--exclude=.wh.*", "--directory", tree, "--file", layer).SucceedAsync();
        }

        return tree;
    }

    [GeneratedRegex(" links=\\d+ with=\\S+")]
    private static partial Regex Links();
}
