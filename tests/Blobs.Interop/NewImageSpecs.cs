using System.Text.Json;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Images that <c>append</c>, <c>mutate</c>, <c>rebase</c> and <c>flatten</c> make, in the hands of other
/// programs.</summary>
[Collection(EngineCollection.Name)]
public sealed class NewImageSpecs
{
    private const string Said = "new base, b, content\n";

    [Fact]
    public async Task Engines_run_them_and_skopeo_copies_them_unchanged()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        string place = $"docker://{registry.Address}";
        string[] images = [await MakeAsync(temporary, place), await FlattenAsync(place)];

        await using (Containerd containerd = await Containerd.StartAsync(temporary))
        {
            foreach (string image in images)
            {
                string name = image["docker://".Length..];
                await containerd.RunAsync("images", "pull", "--plain-http", "--snapshotter", "native", name);
                Assert.Equal(Said, await containerd.RunAsync("run", "--rm", "--snapshotter", "native", name, "one"));
            }
        }

        await using (Dockerd dockerd = await Dockerd.StartAsync(temporary, temporary["docker"]))
        {
            foreach (string image in images)
            {
                Assert.EndsWith(
                    Said, await dockerd.RunAsync("run", "--rm", "--network", "none", image["docker://".Length..]), StringComparison.Ordinal);
            }
        }

        foreach (string image in images)
        {
            Command podman = Podman(temporary, "run", "--rm", "--tls-verify=false", "--network", "none", image["docker://".Length..]);
            Assert.Equal(Said, (await podman.SucceedAsync()).Text);
            await Skopeo.CopyAsync(image, $"oci:{temporary["copy"]}:1");
            Assert.Equal(
                (await Skopeo.InspectAsync(image, "--raw")).Text, (await Skopeo.InspectAsync($"oci:{temporary["copy"]}:1", "--raw")).Text);
        }
    }

    [Fact]
    public async Task Skopeo_pushes_them_unchanged()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        string made = await MakeAsync(temporary, $"oci:{temporary["layout"]}");
        string pushed = $"docker://{registry.Address}/pushed:1";
        await Skopeo.CopyAsync(made, pushed, "--preserve-digests");
        Assert.Equal((await Skopeo.InspectAsync(made, "--raw")).Text, (await Skopeo.InspectAsync(pushed, "--raw")).Text);
    }

    [Fact]
    public async Task Tar_and_umoci_find_in_the_layer_what_was_in_the_directory()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string tree = temporary.Folder("tree");
        Directory.CreateDirectory($"{tree}/d/empty");
        await File.WriteAllTextAsync($"{tree}/d/file", "content");
        await File.WriteAllTextAsync($"{tree}/{new string('n', 120)}", "long");
        File.SetUnixFileMode($"{tree}/d/file", (UnixFileMode)0xda0);
        File.CreateSymbolicLink($"{tree}/link", "d/file");
        await new Command("ln", $"{tree}/d/file", $"{tree}/hard").SucceedAsync();
        await BlobsCommand.With("append", "scratch", $"{tree}:/", "--to", $"oci:{temporary["layout"]}:1", "--compression", "none").SucceedAsync();

        string layer = (await Skopeo.ManifestAsync($"oci:{temporary["layout"]}:1")).GetProperty("layers")[0].GetProperty("digest").GetString()!;
        string theirs = temporary["their.tar"];
        await new Command("tar", "-C", tree, "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-cf", theirs, ".").SucceedAsync();
        Assert.Equal(
            Lines(await ListAsync(theirs)).Where(line => !line.EndsWith(" ./", StringComparison.Ordinal)).Select(line => line.Replace(" ./", " ")).Order(),
            Lines(await ListAsync(temporary[$"layout/blobs/{layer.Replace(':', '/')}"])).Order());

        await new Command(Oracle.Need("umoci"), "unpack", "--image", $"{temporary["layout"]}:1", temporary["bundle"]).SucceedAsync();
        await new Command("diff", "--recursive", "--no-dereference", tree, temporary["bundle/rootfs"]).SucceedAsync();

        static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        static async Task<string> ListAsync(string tar) => (await new Command("tar", "--numeric-owner", "--full-time", "-tvf", tar).SucceedAsync()).Text;
    }

    [Fact]
    public async Task The_bytes_are_the_same_each_time_and_on_one_processor()
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllBytesAsync(temporary["file"], new byte[3 << 20]);
        var digests = new HashSet<string>();
        foreach (string count in (string[])["1", "4", "4"])
        {
            Command append = BlobsCommand.With("append", "scratch", $"{temporary["file"]}:/srv/", "--to", $"oci:{temporary[$"layout{digests.Count}"]}:1", "--quiet");
            CommandResult made = await (append with
            {
                Environment = new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = count, ["SOURCE_DATE_EPOCH"] = "1600000000" },
            }).SucceedAsync();
            digests.Add(made.Text);
        }

        Assert.Single(digests);
    }

    [Fact]
    public async Task Every_verb_works_from_and_to_every_place_with_one_result()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        await File.WriteAllTextAsync(temporary["x"], "content\n");
        Func<string, string>[] places =
        [
            name => $"docker://{registry.Address}/{name}:1",
            name => $"oci:{temporary["layout"]}:{name}",
            name => $"oci-archive:{temporary[$"{name}.oci.tar"]}:{name}",
            name => $"docker-archive:{temporary[$"{name}.docker.tar"]}:{name}:1",
            name => $"docker-data:{temporary["root"]}//{name}:1",
            name => $"containers-storage:{temporary["podman-store"]}//{name}:1",
        ];
        var layers = new HashSet<string>();
        for (int i = 0; i < places.Length; i++)
        {
            // Each step goes to the next place, so that every verb reads one kind and writes another.
            int at = i;
            string Next(string name) => places[++at % places.Length](name);
            string plain = Next("plain"), app = Next("app"), set = Next("set"), rebased = Next("rebased"), flat = Next("flat");
            await SucceedAsync("append", "scratch", $"{temporary["x"]}:/etc/", "--to", plain);
            await SucceedAsync("append", plain, $"{temporary["x"]}:/srv/app/", "--to", app);
            await SucceedAsync("mutate", app, "--env", "A=b", "--layer-times", "7", "--to", set);
            await SucceedAsync("rebase", app, "--from", plain, "--onto", plain, "--to", rebased);
            await SucceedAsync("flatten", set, "--to", flat);
            await SucceedAsync("copy", flat, $"oci:{temporary["results"]}:{i}");
            string result = $"oci:{temporary["results"]}:{i}";
            Assert.Equal("""{"Env":["A=b"]}""", (await Skopeo.ConfigAsync(result)).GetProperty("config").GetRawText());
            layers.Add(Assert.Single(await Skopeo.DiffIdsAsync(result)));
        }

        Assert.Single(layers);

        static Task SucceedAsync(params string[] words) => Blobs([.. words, "--quiet"]).SucceedAsync();
    }

    [Fact]
    public async Task A_tar_from_a_pipe_goes_where_one_pass_is_enough()
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["f"], "content");
        byte[] tar = (await new Command("tar", "-C", temporary.Path, "-c", "f").SucceedAsync()).Output;
        await (BlobsCommand.With("append", "scratch", "--tar", "-", "--to", $"oci:{temporary["layout"]}:1") with { Input = tar }).SucceedAsync();
        Assert.Equal([Sha256Text.Of(tar)], await Skopeo.DiffIdsAsync($"oci:{temporary["layout"]}:1"));
        CommandResult twice = await (BlobsCommand.With(
            "append", "scratch", "--tar", "-", "--quiet", "--to", $"docker-archive:{temporary["a.tar"]}:a:1") with
        { Input = tar }).RunAsync();
        Assert.Contains("is a stream, and was read already", twice.ExpectRefusal(), StringComparison.Ordinal);
    }

    // The bases differ in a file; the image is made on the old one, and then put on the new one.
    private static async Task<string> MakeAsync(TemporaryRoot temporary, string place)
    {
        foreach (string version in (string[])["old", "new"])
        {
            string tree = temporary.Folder(version);
            Directory.CreateDirectory($"{tree}/bin");
            File.Copy(Oracle.Need("busybox"), $"{tree}/bin/busybox");
            File.CreateSymbolicLink($"{tree}/bin/sh", "busybox");
            File.CreateSymbolicLink($"{tree}/bin/cat", "busybox");
            await File.WriteAllTextAsync($"{tree}/version", $"{version} base, ");
            await Blobs("append", "scratch", $"{tree}:/", "--to", At($"base-{version}"), "--quiet").SucceedAsync();
        }

        await File.WriteAllTextAsync(temporary["x"], "content\n");
        await Blobs("append", At("base-old"), $"{temporary["x"]}:/srv/app/", "--to", At("app"), "--quiet").SucceedAsync();
        string command = JsonSerializer.Serialize((string[])["/bin/sh", "-c", "cat /version; printf '%s, ' $A; cat /srv/app/x"]);
        await Blobs("mutate", At("app"), "--cmd", command, "--env", "A=b", "--env", "PATH=/bin", "--to", At("set"), "--quiet").SucceedAsync();
        await Blobs(
            "rebase", At("set"), "--from", At("base-old"), "--onto", At("base-new"), "--to", At("rebased"), "--quiet").SucceedAsync();
        return At("rebased");

        string At(string name) => place.StartsWith("oci:", StringComparison.Ordinal) ? $"{place}:{name}" : $"{place}/{name}:1";
    }

    private static async Task<string> FlattenAsync(string place)
    {
        await Blobs("flatten", $"{place}/rebased:1", "--to", $"{place}/flat:1", "--quiet").SucceedAsync();
        return $"{place}/flat:1";
    }

    private static Command Blobs(params string[] words) => new(BlobsCommand.Native, words);

    private static Command Podman(TemporaryRoot temporary, string verb, params string[] arguments) => new(
        Oracle.Need("podman"),
        [
            "--root", temporary["podman"], "--runroot", temporary["podman-run"], "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
            verb, "--quiet", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", .. arguments,
        ]);
}
