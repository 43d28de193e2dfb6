using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>containerd: what we write, ctr checks, runs and removes without a trace; what ctr writes, we read; and both at once.</summary>
[Collection(EngineCollection.Name)]
public sealed class ContainerdSpecs
{
    private const string Name = "docker.io/library/test:1";
    private const int KillsUsually = 5;

    /// <summary>Options of a copy into containerd.</summary>
    public static TheoryData<string> Ways => ["", "--direct-content", "--snapshotter native", "--jobs 1"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Ctr_checks_runs_and_removes_what_we_copied(string options)
    {
        await using var temporary = new TemporaryRoot();
        await using Containerd containerd = await Containerd.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string[] more = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] snapshotter = more is ["--snapshotter", ..] ? more : [];
        await CopyAsync(containerd, $"docker-archive:{image.Archive}", $"containerd:{Name}", more);

        // A second time, nothing is new.
        string[] kept = containerd.Kept;
        await CopyAsync(containerd, $"docker-archive:{image.Archive}", $"containerd:{Name}", more);
        Assert.Equal(kept.Order(StringComparer.Ordinal), containerd.Kept.Order(StringComparer.Ordinal));
        Assert.Empty(await containerd.ListAsync("leases", "ls"));
        string check = Assert.Single(await containerd.ListAsync(["images", "check", .. snapshotter]));
        Assert.Matches(@"complete \(5/5\) .* true", check);
        Assert.Equal(TestImage.Output, await containerd.RunAsync(["run", "--rm", .. snapshotter, Name, "one"]));

        // Each layer comes back byte for byte.
        await CopyAsync(containerd, $"containerd:{Name}", $"docker-archive:{temporary["back.tar"]}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["back.tar"]));
        await containerd.RunAsync("images", "rm", "--sync", Name);
        Assert.Empty(containerd.Kept);
        Assert.Empty(await containerd.ListAsync("content", "ls"));
    }

    [Fact]
    public async Task Manifest_and_trees_are_those_that_ctr_makes()
    {
        await using var temporary = new TemporaryRoot();
        DateTimeOffset started = DateTimeOffset.UtcNow;
        OddImage image = OddImage.Write(temporary);
        await using Containerd ours = await Containerd.StartAsync(temporary, "ours");
        await using Containerd theirs = await Containerd.StartAsync(temporary, "theirs");
        string name = $"docker.io/library/{OddImage.Name}";
        await CopyAsync(ours, $"docker-archive:{image.Archive}", $"containerd:{name}");
        await theirs.RunAsync("images", "import", image.Archive);
        Assert.Equal(await theirs.RunAsync("images", "ls"), await ours.RunAsync("images", "ls"));
        Assert.Equal(Sorted(await theirs.ListAsync("snapshots", "ls")), Sorted(await ours.ListAsync("snapshots", "ls")));
        string top = Top(await ours.ListAsync("snapshots", "ls"));
        string[] expected = await TreesAsync(theirs, top), found = await TreesAsync(ours, top);
        Assert.Equal(image.DiffIds.Count, found.Length);
        foreach ((string their, string our) in expected.Zip(found))
        {
            Assert.Equal("", TreeListing.Of(our, recent: started).DifferenceFrom(TreeListing.Of(their, recent: started)));
        }

        Assert.Equal(OddImage.Output, await ours.RunAsync("run", "--rm", name, "one"));

        // What ctr wrote, we read.
        await CopyAsync(theirs, $"containerd:{name}", $"docker-archive:{temporary["theirs.tar"]}");
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["theirs.tar"]));
    }

    [Fact]
    public async Task An_image_of_a_registry_keeps_its_manifest_and_is_pushed_again()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        await using Containerd containerd = await Containerd.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        string from = $"docker://{registry.Host}/app:1", to = $"docker://{registry.Host}/other:1";
        await Skopeo.CopyAsync($"docker-archive:{image.Archive}", from);
        await CopyAsync(containerd, from, $"containerd:k8s.io//{registry.Host}/app:1");
        string[] names = [.. (await containerd.RunAsync("-n", "k8s.io", "images", "ls", "-q"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        string digest = (await Skopeo.InspectAsync(from, "--format", "{{.Digest}}")).Text.Trim();
        string app = $"{registry.Host}/app";
        Assert.Equal(((string[])[$"{app}:1", $"{app}@{digest}", image.Id]).Order(StringComparer.Ordinal), names);
        Assert.All(
            await containerd.ListAsync("-n", "k8s.io", "images", "ls"),
            line => Assert.Contains("io.cri-containerd.image=managed", line, StringComparison.Ordinal));
        string content = await containerd.RunAsync("-n", "k8s.io", "content", "ls");
        Assert.Contains($"containerd.io/distribution.source.{registry.Host}=app", content, StringComparison.Ordinal);
        await CopyAsync(containerd, $"containerd:k8s.io//{registry.Host}/app:1", to);
        Assert.Equal((await Skopeo.InspectAsync(from, "--raw")).Text, (await Skopeo.InspectAsync(to, "--raw")).Text);

        // Other namespaces take what is there.
        await CopyAsync(containerd, from, $"containerd:other//{registry.Host}/app:1");
        Assert.Matches(@"complete \(5/5\) .* true", Assert.Single(await containerd.ListAsync("-n", "other", "images", "check")));
    }

    [Fact]
    public async Task A_namespace_that_containerd_does_not_have_is_an_error()
    {
        await using var temporary = new TemporaryRoot();
        await using Containerd containerd = await Containerd.StartAsync(temporary);
        await containerd.RunAsync("namespaces", "create", "other");
        foreach (string verb in (string[])["images", "verify"])
        {
            Assert.Contains(
                "containerd has no namespace mistyped; it has other",
                (await RunAsync(verb, "containerd:mistyped")).ExpectRefusal(),
                StringComparison.Ordinal);
            Assert.Equal(0, (await RunAsync(verb, "containerd:other")).ExitCode);

            // Nobody has used it yet.
            Assert.Equal(0, (await RunAsync(verb, "containerd:default")).ExitCode);
        }

        Task<CommandResult> RunAsync(string verb, string place) =>
            BlobsCommand.RunAsync(verb, "--root", place, "--address", containerd.Address);
    }

    [Fact]
    public async Task Without_layer_blobs_an_image_runs()
    {
        await using var temporary = new TemporaryRoot();
        await using Containerd containerd = await Containerd.StartAsync(temporary);
        TestImage image = TestImage.Write(temporary);
        await CopyAsync(containerd, $"docker-archive:{image.Archive}", $"containerd:{Name}", "--discard-layer-blobs");
        Assert.Equal(2, (await containerd.ListAsync("content", "ls")).Length);
        Assert.Equal(TestImage.Output, await containerd.RunAsync("run", "--rm", Name, "one"));
        CommandResult exported = await BlobsCommand.RunAsync(
            "copy", $"containerd:{Name}", $"oci:{temporary["layout"]}:1", "--address", containerd.Address, "--quiet");
        Assert.Contains("does not keep its blob", exported.ExpectRefusal(), StringComparison.Ordinal);
        await containerd.RunAsync("images", "rm", "--sync", Name);
        Assert.Empty(containerd.Kept);
    }

    [Fact]
    public async Task Images_come_while_others_are_removed()
    {
        await using var temporary = new TemporaryRoot();
        await using Containerd containerd = await Containerd.StartAsync(temporary);
        TestImage[] images = [.. Enumerable.Range(1, 3).Select(seed => TestImage.Write(temporary, seed))];
        TestImage other = TestImage.Write(temporary, seed: 9);
        using var done = new CancellationTokenSource();
        Task removing = RemoveAgainAndAgainAsync();

        // The same image twice, at the same time.
        await Task.WhenAll(images.Append(images[0]).Select((image, index) =>
            CopyAsync(containerd, $"docker-archive:{image.Archive}", $"containerd:docker.io/library/app:{index}")));
        await done.CancelAsync();
        await removing;
        string[] checks = await containerd.ListAsync("images", "check");
        Assert.Equal(images.Length + 1, checks.Length);
        Assert.All(checks, check => Assert.Matches(@"complete \(5/5\) .* true", check));
        for (int index = 0; index <= images.Length; index++)
        {
            Assert.Equal(TestImage.Output, await containerd.RunAsync("run", "--rm", $"docker.io/library/app:{index}", $"run-{index}"));
            await containerd.RunAsync("images", "rm", "--sync", $"docker.io/library/app:{index}");
        }

        Assert.Empty(containerd.Kept);

        async Task RemoveAgainAndAgainAsync()
        {
            while (!done.IsCancellationRequested)
            {
                await containerd.RunAsync("images", "import", "--base-name", "docker.io/library/gone", other.Archive);
                await containerd.RunAsync("images", "rm", "--sync", Name);
            }
        }
    }

    [Fact]
    public async Task A_killed_copy_leaves_nothing_once_the_next_one_has_run()
    {
        await using var temporary = new TemporaryRoot();
        TestImage kept = TestImage.Write(temporary);
        TestImage image = TestImage.Write(temporary, seed: 2);
        var containerd = await Containerd.StartAsync(temporary);
        try
        {
            await CopyAsync(containerd, $"docker-archive:{kept.Archive}", "containerd:docker.io/library/kept:1");
            int usually = containerd.Kept.Length;
            var random = new Random(18);
            for (int round = 0; round < Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually); round++)
            {
                await using (RunningCommand copy = RunningCommand.Start(
                    "copy", $"docker-archive:{image.Archive}", $"containerd:{Name}", "--address", containerd.Address, "--quiet"))
                {
                    await Task.Delay(random.Next(50, 700));
                    await copy.KillAsync();
                }

                if (round == 0)
                {
                    await containerd.DisposeAsync();
                    containerd = await Containerd.StartAsync(temporary);
                }

                // What has a name is whole.
                Assert.All(await containerd.ListAsync("images", "check"), check => Assert.Matches(@"complete \(5/5\) .* true", check));
                await CopyAsync(containerd, $"docker-archive:{image.Archive}", $"containerd:{Name}");
                Assert.Empty(await containerd.ListAsync("leases", "ls"));
                Assert.Equal(TestImage.Output, await containerd.RunAsync("run", "--rm", Name, $"run-{round}"));
                await containerd.RunAsync("images", "rm", "--sync", Name);
                Assert.Equal(usually, containerd.Kept.Length);
            }

            await containerd.RunAsync("images", "rm", "--sync", "docker.io/library/kept:1");
            Assert.Empty(containerd.Kept);
        }
        finally
        {
            await containerd.DisposeAsync();
        }
    }

    private static Task<CommandResult> CopyAsync(Containerd containerd, string from, string to, params string[] more) =>
        BlobsCommand.With(["copy", from, to, "--address", containerd.Address, "--quiet", .. more]).SucceedAsync();

    private static IEnumerable<string> Sorted(string[] lines) => lines.Select(line => line.TrimEnd()).Order(StringComparer.Ordinal);

    // The one that is no other's parent.
    private static string Top(string[] snapshots)
    {
        string[][] rows = [.. snapshots.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        return rows.Select(row => row[0]).Except(rows.Where(row => row.Length == 3).Select(row => row[1])).Single();
    }

    // The trees of a stack, the top one first.
    private static async Task<string[]> TreesAsync(Containerd containerd, string chain)
    {
        string mounts = await containerd.RunAsync("snapshots", "view", "--mounts", "seen", chain);

        // No lease holds the view: containerd's garbage collection may be faster, and then there is nothing to remove.
        await containerd.Ctr("snapshots", "rm", "seen").RunAsync();
        string[] options = JsonDocument.Parse(mounts).RootElement[0].GetProperty("Options").Deserialize<string[]>()!;
        const string Lower = "lowerdir=";
        return options.Single(option => option.StartsWith(Lower, StringComparison.Ordinal))[Lower.Length..].Split(':');
    }
}
