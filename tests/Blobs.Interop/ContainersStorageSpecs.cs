using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>podman's store: what we write, podman works with; what podman, buildah and skopeo write, we read; and both at once.</summary>
[Collection(EngineCollection.Name)]
public sealed class ContainersStorageSpecs
{
    private const string Name = "localhost/test:1";
    private const int KillsUsually = 5;

    [Fact]
    public async Task Podman_lists_runs_pushes_builds_on_and_removes_what_we_copied()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        Podman podman = Of(temporary);
        await CopyAsync($"docker-archive:{image.Archive}", Ours(podman, Name));
        Assert.Equal($"{Name} {image.Id}\n", await podman.RunAsync("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"));
        Assert.Equal(
            image.DiffIds, (await podman.With("inspect", Name).SucceedAsync()).Json[0].GetProperty("RootFS").GetProperty("Layers").Deserialize<string[]>()!);
        Assert.Equal(TestImage.Output, await podman.RunContainerAsync(Name));

        // skopeo reads every layer and checks it.
        await Skopeo.CopyAsync(podman.Place(Name), $"docker-archive:{temporary["back.tar"]}:{Name}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["back.tar"]));

        // The base of a build, whose result we export again.
        string context = temporary.Folder("context");
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"FROM {Name}\nCOPY added /added\nRUN echo ran > /ran\n");
        await File.WriteAllTextAsync(Path.Combine(context, "added"), "added\n");
        await podman.RunAsync("build", "--isolation", "chroot", "--quiet", "--tag", "localhost/built:1", context);
        await CopyAsync(podman.Place("localhost/built:1"), $"docker-archive:{temporary["built.tar"]}");
        Assert.Equal(
            await Skopeo.DiffIdsAsync(podman.Place("localhost/built:1")), DockerArchive.LayerDigests(temporary["built.tar"]));
        CommandResult removed = await podman.With("rmi", "--all", "--force").SucceedAsync();
        Assert.Equal("", removed.Error);
        Assert.Empty(Layers(podman));
        Assert.Equal("[]", await File.ReadAllTextAsync(Path.Combine(podman.Root, "overlay-layers/layers.json")));
        Assert.Empty(Directory.GetFiles(Path.Combine(podman.Root, "overlay-layers"), "*.gz"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(podman.Root, "overlay-images")));
    }

    [Fact]
    public async Task Trees_and_records_are_those_that_skopeo_writes_and_its_layers_are_exported()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        DateTimeOffset started = DateTimeOffset.UtcNow;
        OddImage image = OddImage.Write(temporary);
        Podman ours = Of(temporary, "ours");
        Podman theirs = Of(temporary, "theirs");
        await CopyAsync($"docker-archive:{image.Archive}", Ours(ours, Name));
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", theirs.Place(Name));
        Assert.Equal(Layers(theirs), Layers(ours));
        foreach (string layer in Layers(theirs))
        {
            Assert.Equal(Tree(theirs, layer), Tree(ours, layer));
            JsonElement record = Record(ours, layer);
            foreach (JsonProperty member in Record(theirs, layer).EnumerateObject().Where(member => member.Name != "created"))
            {
                Assert.Equal(member.Value.GetRawText(), record.GetProperty(member.Name).GetRawText());
            }
        }

        await CopyAsync(theirs.Place(Name), $"docker-archive:{temporary["theirs.tar"]}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["theirs.tar"]));

        IReadOnlyDictionary<string, string> Tree(Podman podman, string layer) => TreeListing
            .Of(Path.Combine(podman.Root, "overlay", layer, "diff"), recent: started).Lines;
    }

    [Fact]
    public async Task Images_come_while_podman_works_on_the_store()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        Podman podman = Of(temporary);
        TestImage[] images = [.. Enumerable.Range(1, 4).Select(seed => TestImage.Write(temporary, seed))];
        await CopyAsync($"docker-archive:{images[0].Archive}", Ours(podman, "localhost/kept:1"));
        Task[] work =
        [
            .. images.Select((image, index) => index % 2 == 0
                ? CopyAsync($"docker-archive:{image.Archive}", Ours(podman, $"localhost/test:{index}"))
                : Skopeo.CopyAsync($"docker-archive:{image.Archive}", podman.Place($"localhost/test:{index}"))),
            podman.RunContainerAsync("localhost/kept:1"),
            podman.RunAsync("tag", "localhost/kept:1", "localhost/other:1"),
        ];
        await Task.WhenAll(work);
        string[] names = (await podman.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["localhost/kept:1", "localhost/other:1", .. Enumerable.Range(0, 4).Select(index => $"localhost/test:{index}")],
            names.Order(StringComparer.Ordinal));
        for (int index = 0; index < images.Length; index++)
        {
            string archive = temporary[$"{index}.tar"];
            await CopyAsync(Ours(podman, $"localhost/test:{index}"), $"docker-archive:{archive}");
            Assert.Equal(images[index].DiffIds, DockerArchive.LayerDigests(archive));
        }

        await podman.RunAsync("rmi", "--all", "--force");
        Assert.Empty(Layers(podman));
    }

    [Fact]
    public async Task A_killed_copy_leaves_a_store_that_podman_works_on()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        Podman podman = Of(temporary);
        TestImage kept = TestImage.Write(temporary);
        TestImage image = TestImage.Write(temporary, seed: 2);
        await CopyAsync($"docker-archive:{kept.Archive}", Ours(podman, "localhost/kept:1"));
        var random = new Random(18);
        for (int round = 0; round < Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually); round++)
        {
            await using (RunningCommand copy = RunningCommand.Start(
                "copy", $"docker-archive:{image.Archive}", Ours(podman, Name), "--quiet"))
            {
                await Task.Delay(random.Next(100, 500));
                await copy.KillAsync();
            }

            Assert.Contains("localhost/kept:1", await podman.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}"), StringComparison.Ordinal);
            await CopyAsync($"docker-archive:{image.Archive}", Ours(podman, Name));
            Assert.False(Directory.Exists(Path.Combine(podman.Root, "overlay/tempdirs")));
            Assert.Equal(TestImage.Output, await podman.RunContainerAsync(Name));
            await podman.RunAsync("rmi", Name);
        }

        Assert.Equal(4, Layers(podman).Length);
    }

    [Fact]
    public async Task An_additional_store_serves_its_images_from_a_read_only_mount()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string store = temporary["additional"];
        await CopyAsync($"docker-archive:{image.Archive}", $"containers-storage:{store}//{Name}", "--additional-store");
        await new Command(Oracle.Need("mount"), "--bind", store, store).SucceedAsync();
        await new Command(Oracle.Need("mount"), "-o", "remount,bind,ro", store).SucceedAsync();
        Podman podman = Of(temporary);
        string[] more = ["--storage-opt", $"overlay.imagestore={store}"];
        Assert.Equal("true\n", await podman.RunAsync([.. more, "images", "--format", "{{.ReadOnly}}"]));
        CommandResult ran = await podman.With(
            [.. more, "run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", Name]).SucceedAsync();
        Assert.Equal(TestImage.Output, ran.Text);

        // We read it there too.
        await CopyAsync($"containers-storage:{store}//{Name}", $"docker-archive:{temporary["back.tar"]}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["back.tar"]));
    }

    private static Podman Of(TemporaryRoot temporary, string name = "store") => new(temporary[name], temporary[$"{name}-run"]);

    private static string Ours(Podman podman, string name) => $"containers-storage:{podman.Root}//{name}";

    private static Task<CommandResult> CopyAsync(string from, string to, params string[] more) =>
        BlobsCommand.With(["copy", from, to, "--quiet", .. more]).SucceedAsync();

    private static string[] Layers(Podman podman) =>
    [
        .. Directory.GetDirectories(Path.Combine(podman.Root, "overlay"))
            .Select(path => Path.GetFileName(path)!)
            .Where(name => name.Length == 64)
            .Order(StringComparer.Ordinal),
    ];

    private static JsonElement Record(Podman podman, string layer) => JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(podman.Root, "overlay-layers/layers.json"))).RootElement.EnumerateArray()
        .Single(record => record.GetProperty("id").GetString() == layer);
}
