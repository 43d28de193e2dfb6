using System.Diagnostics;
using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The verbs of images on podman's store, beside podman: what they say is what podman says, what they do podman sees.</summary>
[Collection(EngineCollection.Name)]
public sealed class PodmanVerbSpecs
{
    private const string Name = "localhost/test:1";
    private const int KillsUsually = 1;

    [Fact]
    public async Task A_pulled_image_is_seen_at_once_run_pushed_and_removed_without_a_trace()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["registry"]);
        TestImage image = TestImage.Write(temporary);
        string name = $"{registry.Address}/test:1";
        await BlobsCommand.With("copy", $"docker-archive:{image.Archive}", $"docker://{name}", "--quiet").SucceedAsync();
        Podman podman = Of(temporary);
        await podman.RunAsync("images");
        string socket = temporary["sock"];
        using Process service = podman.Start("system", "service", "--time", "0", $"unix://{socket}");
        try
        {
            Assert.Equal("[]", await ImagesOfServiceAsync(socket));
            CommandResult pulled = await BlobsCommand.With("pull", name, "--root", podman.Root, "--json").SucceedAsync();
            Assert.Equal("overlay", pulled.Json.GetProperty("driver").GetString());
            Assert.Contains(image.Id["sha256:".Length..], await ImagesOfServiceAsync(socket), StringComparison.Ordinal);
            Assert.Equal(TestImage.Output, await podman.RunContainerAsync(name));
            await podman.RunAsync("push", "--tls-verify=false", name, $"{registry.Address}/again:1");
            Assert.Equal(image.DiffIds, await Skopeo.DiffIdsAsync($"docker://{registry.Address}/again:1"));
            await BlobsCommand.With("push", $"containers-storage:{podman.Root}//{name}", "--quiet").SucceedAsync();
            CommandResult removed = await podman.With("rmi", name).SucceedAsync();
            Assert.Equal("", removed.Error);
            AssertEmpty(podman);
            Assert.Equal("[]", await ImagesOfServiceAsync(socket));
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_loaded_image_is_listed_inspected_tagged_and_removed_as_podman_does(bool isPiped)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        OddImage image = OddImage.Write(temporary);
        Podman podman = Of(temporary);
        await podman.RunAsync("images");
        Command load = isPiped
            ? new Command("/bin/sh", "-c", "cat \"$1\" | \"$0\" load --root \"$2\" --quiet", BlobsCommand.Path, image.Archive, podman.Root)
            : BlobsCommand.With("load", "-i", image.Archive, "--root", $"containers-storage:{podman.Root}", "--quiet");
        await load.SucceedAsync();
        JsonElement theirs = (await podman.With("images", "--format", "json").SucceedAsync()).Json[0];
        JsonElement ours = (await BlobsCommand.With("images", "--root", podman.Root, "--json").SucceedAsync()).Json[0];
        Assert.Equal($"sha256:{theirs.GetProperty("Id").GetString()}", ours.GetProperty("id").GetString());
        Assert.Equal(theirs.GetProperty("Size").GetInt64(), ours.GetProperty("size").GetInt64());
        string name = theirs.GetProperty("Names")[0].GetString()!;
        await BlobsCommand.With("tag", "--root", podman.Root, name, "localhost/other:2").SucceedAsync();
        JsonElement shown = (await podman.With("inspect", "localhost/other:2").SucceedAsync()).Json[0];
        JsonElement said = (await BlobsCommand.With("inspect", $"containers-storage:{podman.Root}//localhost/other:2").SucceedAsync()).Json[0];
        foreach (JsonProperty member in shown.EnumerateObject().Where(member => member.Name is not ("GraphDriver" or "Parent" or "NamesHistory")))
        {
            Assert.Equal(JsonSerializer.Serialize(member.Value), JsonSerializer.Serialize(said.GetProperty(member.Name)));
        }

        await BlobsCommand.With("save", "--root", podman.Root, "localhost/other:2", "-o", temporary["saved.tar"], "--quiet").SucceedAsync();
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["saved.tar"]));
        await BlobsCommand.With("verify", "--root", podman.Root, "--quiet").SucceedAsync();

        // The store of a new name may be said again, but is no other.
        string place = $"containers-storage:{podman.Root}//";
        await BlobsCommand.With("tag", $"{place}localhost/other:2", $"{place}localhost/third:3").SucceedAsync();
        (await BlobsCommand.RunAsync("tag", $"{place}localhost/other:2", "containerd:localhost/third:3")).Expect(2);
        await BlobsCommand.With("rmi", "--root", podman.Root, "localhost/third:3").SucceedAsync();
        await BlobsCommand.With("rmi", "--root", podman.Root, "localhost/other:2").SucceedAsync();
        Assert.Equal($"{name}\n", await podman.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}"));
        await BlobsCommand.With("rmi", $"containers-storage:{podman.Root}//{name}").SucceedAsync();
        Assert.Equal("", await podman.RunAsync("images", "--all", "--quiet"));
        AssertEmpty(podman);
    }

    [Fact]
    public async Task An_image_that_a_container_names_stays_and_damage_is_found()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        Podman podman = Of(temporary);
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", podman.Place(Name));
        await podman.RunAsync("create", "--name", "web", "--network", "none", Name);
        CommandResult refused = (await BlobsCommand.With("rmi", "--root", podman.Root, "--force", Name).RunAsync()).Expect(1);
        Assert.Contains("is used by container web", refused.Error, StringComparison.Ordinal);
        await BlobsCommand.With("verify", "--root", podman.Root, "--quiet").SucceedAsync();
        await podman.RunAsync("rm", "web");
        string top = Path.Combine(podman.Root, "overlay", (await podman.RunAsync("inspect", Name, "--format", "{{.GraphDriver.Data.UpperDir}}")).Trim());
        await File.WriteAllTextAsync(Path.Combine(top, "hello.txt"), new string('x', TestImage.Says.Length));
        CommandResult damaged = (await BlobsCommand.With("verify", "--root", podman.Root, "--json").RunAsync()).Expect(1);
        Assert.Single(damaged.Json.GetProperty("findings").EnumerateArray());
    }

    [Fact]
    public async Task A_rootless_store_is_read_and_refused_to_be_written()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        Podman podman = Of(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", $"containers-storage:{podman.Root}", "--quiet").SucceedAsync();
        await new Command(Oracle.Need("chown"), "1000:1000", podman.Root).SucceedAsync();
        await BlobsCommand.With("images", "--root", podman.Root).SucceedAsync();
        CommandResult refused = (await BlobsCommand.With("load", image.Archive, "--root", podman.Root, "--quiet").RunAsync()).Expect(1);
        Assert.Contains("can only be read", Assert.Single(refused.Talk), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("load")]
    [InlineData("pull")]
    [InlineData("rmi")]
    public async Task A_killed_verb_leaves_a_store_that_podman_works_on(string verb)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["registry"]);
        TestImage image = TestImage.Write(temporary);
        TestImage kept = TestImage.Write(temporary, seed: 2);
        string name = $"{registry.Address}/test:1";
        Podman podman = Of(temporary);
        await BlobsCommand.With("copy", $"docker-archive:{image.Archive}", $"docker://{name}", "--quiet").SucceedAsync();
        string place = $"containers-storage:{podman.Root}//localhost/kept:1";
        await BlobsCommand.With("copy", $"docker-archive:{kept.Archive}", place, "--quiet").SucceedAsync();
        string[] pull = ["pull", name, "--root", podman.Root, "--quiet"];
        string[] load = ["load", image.Archive, "--root", podman.Root, "--quiet"];
        string[] call = verb switch { "pull" => pull, "load" => load, _ => ["rmi", name, "--root", podman.Root] };
        var random = new Random(18);
        for (int round = 0; round < Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually); round++)
        {
            if (verb == "rmi")
            {
                await BlobsCommand.With(pull).SucceedAsync();
            }

            await using (RunningCommand running = RunningCommand.Start(call))
            {
                await Task.Delay(random.Next(50, 600));
                await running.KillAsync();
            }

            Assert.Contains("localhost/kept:1", await podman.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}"), StringComparison.Ordinal);
            Assert.Equal(TestImage.Output, await podman.RunContainerAsync("localhost/kept:1"));
            await BlobsCommand.With(pull).SucceedAsync();
            Assert.Equal(TestImage.Output, await podman.RunContainerAsync(name));
            await BlobsCommand.With("verify", "--root", podman.Root, "--quiet").SucceedAsync();
            await podman.RunAsync("rmi", name);
        }
    }

    // Nothing is mounted to write a layer, so any program will do.
    [Theory]
    [InlineData("overlay.mount_program=/bin/true")]
    [InlineData("overlay.mount_program=/bin/true,overlay.force_mask=0700")]
    public async Task Layers_in_the_forms_of_fuse_overlayfs_are_exported_and_verified(string form)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string store = temporary["fuse"];
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"containers-storage:[overlay@{store}+{temporary["run"]}:{form}]{Name}");
        await BlobsCommand.With("save", "--root", store, Name, "-o", temporary["back.tar"], "--quiet").SucceedAsync();
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["back.tar"]));
        await BlobsCommand.With("verify", "--root", store, "--quiet").SucceedAsync();
        CommandResult refused = (await BlobsCommand.With("tag", $"containers-storage:{store}//{Name}", "other:1").RunAsync()).Expect(1);
        Assert.Contains("can only be read", Assert.Single(refused.Talk), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_podman_lists_runs_saves_and_removes_what_we_pulled()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        var podman = new NewerPodman(temporary.Folder("podman5"));
        await podman.RunAsync("images");
        await BlobsCommand.With("load", image.Archive, "--root", podman.Store, "--quiet").SucceedAsync();
        CommandResult listed = await podman.RunAsync("images", "--no-trunc", "--format", "{{.ID}}");
        Assert.Equal($"{image.Id}\n", listed.Text);
        CommandResult inspected = await podman.RunAsync("inspect", TestImage.Name);
        Assert.Equal(image.DiffIds, inspected.Json[0].GetProperty("RootFS").GetProperty("Layers").Deserialize<string[]>()!);
        Assert.Equal(TestImage.Output, await podman.RunContainerAsync(TestImage.Name));
        await podman.RunAsync("save", "--output", Path.Combine(podman.Store, "../saved.tar"), TestImage.Name);
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(Path.Combine(podman.Store, "../saved.tar")));
        CommandResult removed = await podman.RunAsync("rmi", TestImage.Name);
        Assert.Equal("", removed.Error);
        Assert.Empty(Directory.GetFiles(Path.Combine(podman.Store, "overlay-layers"), "*.gz"));
    }

    private static Podman Of(TemporaryRoot temporary) => new(temporary["store"], temporary["run"]);

    private static void AssertEmpty(Podman podman)
    {
        Assert.DoesNotContain(
            Directory.GetDirectories(Path.Combine(podman.Root, "overlay")), path => Path.GetFileName(path) is not "l" and not "merged");
        Assert.Empty(Directory.GetFiles(Path.Combine(podman.Root, "overlay-layers"), "*.gz"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(podman.Root, "overlay-images")));
    }

    private static async Task<string> ImagesOfServiceAsync(string socket) => (await new Command(
        Oracle.Need("curl"), "--silent", "--fail", "--retry", "50", "--retry-delay", "0", "--retry-all-errors", "--unix-socket", socket,
        "http://d/v4.0.0/libpod/images/json").SucceedAsync()).Text.Trim();
}
