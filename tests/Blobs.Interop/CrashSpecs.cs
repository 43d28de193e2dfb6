using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>
/// Every verb that writes is killed at random moments. Beside it the same verbs run undisturbed on a twin: after each kill nothing that was
/// there is lost, what is there is right, the same verb works again, and then both roots hold the same. After some, and at the end, an
/// engine runs what is in it. <c>BLOBS_INTEROP_KILLS</c> says how often; a few times when nobody says. <c>BLOBS_NATIVE</c> names the program.
/// </summary>
[Collection(EngineCollection.Name)]
public sealed partial class CrashSpecs(ITestOutputHelper output)
{
    private const int KillsUsually = 5;

    // Rounds whose images and containers stay: so many kills cost no more each than few.
    private const int RoundsKept = 6;

    // An engine takes as long to start as five rounds.
    private const int RoundsPerEngine = 5;

    private static int Kills => Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually);

    [Theory]
    [InlineData("ingest", "overlay2")]
    [InlineData("load", "overlay2")]
    [InlineData("load", "overlay")]
    [InlineData("pull", "overlay2")]
    [InlineData("add", "overlay2")]
    [InlineData("commit", "overlay2")]
    [InlineData("create", "overlay2")]
    [InlineData("rmi", "overlay2")]
    public async Task A_root_survives(string verb, string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        TestImage kept = TestImage.Write(temporary);
        string[] roots = [temporary["twin"], temporary["killed"]];
        foreach (string root in roots)
        {
            await RunAsync("load", kept.Archive, "--root", root, "--driver", driver, "--quiet");
            await RunAsync("create", "--root", root, "--name", "changed", "--network", "none", TestImage.Name);
            string tree = (await RunAsync("mount", "changed", "--root", root)).Text.Trim();
            await File.WriteAllTextAsync(Path.Combine(tree, "more"), "more\n");
            await RunAsync("umount", "changed", "--root", root);
        }

        var random = new Random(verb.Length + Kills);
        int hits = 0;
        for (int round = 0; round < Kills; round++)
        {
            string[] work = await WorkAsync(verb, temporary, registry, round);
            foreach (string root in roots)
            {
                await PrepareAsync(verb, root, kept, registry, round);
            }

            var clock = Stopwatch.StartNew();
            await RunAsync(At(roots[0], work));
            hits += await KillAsync(At(roots[1], work), random.NextDouble() * 1.1 * clock.ElapsedMilliseconds) ? 1 : 0;

            string moment = $"{verb}, kill {round}";
            CommandResult verified = await new Command(BlobsCommand.Native, "verify", "--root", roots[1]).RunAsync();
            Assert.True(verified.ExitCode == 0, $"{moment}: {verified.Text}");
            Assert.Contains(kept.Id, (await RunAsync("images", "--root", roots[1], "--no-trunc")).Text, StringComparison.Ordinal);
            if (round % RoundsPerEngine == 0)
            {
                await StartEngineAsync(temporary, roots[1], driver);
            }

            await RepeatAsync(verb, At(roots[1], work), round);
            await RemoveNamelessAsync(roots[1]);
            Assert.True(Picture(roots[0]) == Picture(roots[1]), $"{moment}:\n{Difference(roots)}");
        }

        output.WriteLine($"{verb} ({driver}): {Kills} kills, {hits} while it ran");
        foreach (string root in roots)
        {
            await RunAsync("layer", "prune", "--root", root);
        }

        Assert.True(Picture(roots[0]) == Picture(roots[1]), $"{verb}, pruned:\n{Difference(roots)}");
        await using Dockerd engine = await Dockerd.StartAsync(temporary, roots[1], driver);
        Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name));
    }

    [Theory]
    [InlineData("push")]
    [InlineData("gc")]
    public async Task A_registrys_store_survives(string verb)
    {
        // An image gets new content by mounting it.
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string root = temporary["root"];
        await RunAsync("load", image.Archive, "--root", root, "--quiet");
        var random = new Random(verb.Length + Kills);
        int hits = 0;
        string store = temporary.Folder("store");
        for (int round = 0; round < Kills; round++)
        {
            await using (RegistryProcess registry = await RegistryProcess.OursAsync(temporary, store, "--quiet"))
            {
                string name = $"{registry.Address}/app:{round}";
                await RunAsync("add", "--from", TestImage.Name, "--tag", name, $"{image.Archive}:/copy-{round}", "--root", root);
                if (verb == "push")
                {
                    hits += await KillAsync(["push", name, "--root", root, "--quiet"], random.Next(400)) ? 1 : 0;
                }

                await RunAsync("push", name, "--root", root, "--quiet");
                await Skopeo.CopyAsync($"docker://{name}", $"oci:{temporary[$"pulled-{round}"]}:1");
                if (verb == "gc" && round > 0)
                {
                    // What the round before pushed loses its manifest, and becomes garbage.
                    string digest = (await Skopeo.InspectAsync($"docker://{registry.Address}/app:{round - 1}", "--format", "{{.Digest}}")).Text.Trim();
                    (await registry.Client.DeleteAsync($"/v2/app/manifests/{digest}")).EnsureSuccessStatusCode();
                }
            }

            if (verb == "gc")
            {
                hits += await KillAsync(["gc", "--store", store, "--min-age", "0", "--quiet"], random.Next(60)) ? 1 : 0;
            }

            CommandResult verified = await new Command(BlobsCommand.Native, "verify", "--store", store).RunAsync();
            Assert.True(verified.ExitCode == 0, $"{verb}, kill {round}: {verified.Text}");
            if (verb == "gc")
            {
                await RunAsync("gc", "--store", store, "--min-age", "0", "--quiet");
            }
        }

        output.WriteLine($"{verb}: {Kills} kills, {hits} while it ran");
        await RunAsync("verify", "--store", store);
    }

    // On a copy, as the engine makes files of its own, and what the kill left must be there for the next writer too.
    private static async Task StartEngineAsync(TemporaryRoot temporary, string root, string driver)
    {
        string copy = temporary["as-it-was-left"];
        await new Command("cp", "-a", root, copy).SucceedAsync();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, copy, driver))
        {
            Assert.Equal(TestImage.Output, await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name));
        }

        await new Command("rm", "-rf", copy).SucceedAsync();
    }

    private static async Task<string[]> WorkAsync(string verb, TemporaryRoot temporary, DockerRegistry registry, int round)
    {
        string file = temporary[$"file-{round}"];
        await File.WriteAllBytesAsync(file, Noise(round));
        switch (verb)
        {
            case "ingest":
                return ["ingest", LayerFiles.Write(temporary, $"layer-{round}.tar.gz", LayerFiles.Gzip(Layer(round))), "--keep-blob", "--quiet"];
            case "load":
                return ["load", Archive(temporary, round), "--quiet"];
            case "pull":
                string name = $"{registry.Host}/app:{round}";
                await Skopeo.CopyAsync($"docker-archive:{Archive(temporary, round)}", $"docker://{name}");
                return ["pull", name, "--keep-blob", "--quiet"];
            case "add":
                return ["add", "--from", TestImage.Name, "--tag", $"round:{round}", $"{file}:/file"];
            case "commit":
                return ["commit", "changed", $"round:{round}"];
            case "create":
                return ["create", "--name", $"round-{round}", "--network", "none", "--workdir", "/new", TestImage.Name];
            default:
                return ["rmi", $"round:{round}"];
        }
    }

    private static async Task PrepareAsync(string verb, string root, TestImage kept, DockerRegistry registry, int round)
    {
        string[]? old = verb switch
        {
            "ingest" or "rmi" => null,
            "create" => ["rm", $"round-{round - RoundsKept}"],
            "pull" => ["rmi", $"{registry.Host}/app:{round - RoundsKept}"],
            _ => ["rmi", $"round:{round - RoundsKept}"],
        };
        if (old is not null && round >= RoundsKept)
        {
            await RunAsync(At(root, old));
        }

        if (verb == "rmi")
        {
            await RunAsync("add", "--from", TestImage.Name, "--tag", $"round:{round}", $"{kept.Archive}:/copy-{round}", "--root", root);
        }
    }

    private static string[] At(string root, string[] work) => [work[0], "--root", root, .. work[1..]];

    // An image that was made before the kill lost its name to the one that was made after it.
    private static async Task RemoveNamelessAsync(string root)
    {
        JsonElement images = (await RunAsync("images", "--root", root, "--json")).Json;
        foreach (JsonElement image in images.EnumerateArray().Where(image => image.GetProperty("repository").ValueKind == JsonValueKind.Null))
        {
            await RunAsync("rmi", image.GetProperty("id").GetString()!, "--root", root);
        }
    }

    // What was done before the kill is done: a name is taken, an image is gone.
    private static async Task RepeatAsync(string verb, string[] work, int round)
    {
        CommandResult again = await new Command(BlobsCommand.Native, work).RunAsync();
        bool isDone = (verb == "create" && again.Error.Contains($"'round-{round}' is in use", StringComparison.Ordinal))
            || (verb == "rmi" && again.Error.Contains("no such image", StringComparison.Ordinal));
        Assert.True(again.ExitCode == 0 || isDone, $"{again.Command}: {again.Error}");
    }

    private static Task<CommandResult> RunAsync(params string[] arguments) => new Command(BlobsCommand.Native, arguments).SucceedAsync();

    // True when it was still running.
    private static async Task<bool> KillAsync(string[] arguments, double afterMs)
    {
        using Process process = Process.Start(new ProcessStartInfo(BlobsCommand.Native, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.Delay(TimeSpan.FromMilliseconds(afterMs));
        bool isRunning = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        return isRunning;
    }

    private static string Archive(TemporaryRoot temporary, int round)
    {
        string[] layers =
        [
            LayerFiles.Write(temporary, $"below-{round}.tar", Layer(2 * round)),
            LayerFiles.Write(temporary, $"above-{round}.tar", Layer((2 * round) + 1)),
        ];
        string archive = temporary[$"image-{round}.tar"];
        DockerArchive.Write(archive, $"round:{round}", layers, "/bin/sh");
        return archive;
    }

    // Enough files that there is time to be killed.
    private static byte[] Layer(int seed) => new TarBuilder()
        .AddRange(Enumerable.Range(0, 400).Select(number =>
            new TarMember($"d-{seed}/file-{number}") { Content = Encoding.ASCII.GetBytes($"{seed} {number}") }))
        .Add(new TarMember($"noise-{seed}") { Content = Noise(seed) })
        .ToArray();

    private static byte[] Noise(int seed)
    {
        byte[] noise = new byte[1 << 20];
        new Random(seed).NextBytes(noise);
        return noise;
    }

    // Every path once, with what is random or a digest in it left out, and how often it is there.
    private static string Picture(string root) => string.Join('\n', Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    }).Select(path => Random().Replace(Path.GetRelativePath(root, path), "*"))
        .GroupBy(path => path).OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}")));

    private static string Difference(string[] roots)
    {
        string[] left = Picture(roots[0]).Split('\n');
        string[] right = Picture(roots[1]).Split('\n');
        return string.Join('\n', left.Except(right).Select(line => $"twin    {line}").Concat(right.Except(left).Select(line => $"killed  {line}")));
    }

    [GeneratedRegex("[0-9a-f]{64}|(?<=/l/)[A-Z0-9]{26}|(?<=blobs/sha256/)[0-9a-f]{2}(?=/|$)")]
    private static partial Regex Random();
}
