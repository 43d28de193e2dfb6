using System.Globalization;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Full disks, and calls that the kernel refuses: one line, exit code 1, the root as it was, and the next run works.</summary>
public sealed class FaultSpecs
{
    private const int Files = 60;

    [Theory]
    [InlineData("size=100k")]
    [InlineData("size=400k")]
    [InlineData("size=700k")]
    [InlineData("size=64m,nr_inodes=15")]
    [InlineData("size=64m,nr_inodes=40")]
    [InlineData("size=64m,nr_inodes=80")]
    public async Task A_disk_that_is_full_costs_nothing_but_the_layer(string options)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string disk = temporary.Folder("disk");
        string root = Path.Combine(disk, "root");
        await new Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk).SucceedAsync();
        string layer = Layer(temporary);
        string line = (await new Command(BlobsCommand.Native, "ingest", layer, "--root", root, "--keep-blob", "--quiet").RunAsync()).ExpectRefusal();
        Assert.Contains("no space left on device", line, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Listing(root));
        await new Command("mount", "-o", "remount,size=64m,nr_inodes=10000", disk).SucceedAsync();
        await new Command(BlobsCommand.Native, "ingest", layer, "--root", root, "--keep-blob", "--quiet").SucceedAsync();
        await new Command(BlobsCommand.Native, "verify", "--root", root).SucceedAsync();
    }

    [Theory]
    [InlineData("write:error=ENOSPC", 40)]
    [InlineData("write:error=EIO", 50)]
    [InlineData("mkdirat:error=ENOSPC", 1)]
    [InlineData("mkdir:error=EDQUOT", 3)]
    [InlineData("utimensat:error=EIO", 30)]
    [InlineData("syncfs:error=EIO", 1)]
    [InlineData("renameat2:error=EIO", 1)]
    public async Task A_call_that_is_refused_costs_nothing_but_the_layer(string fault, int when)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary.Folder("root");
        string layer = Layer(temporary);
        string inject = string.Create(CultureInfo.InvariantCulture, $"inject={fault}:when={when}");
        CommandResult result = await new Command(
            Oracle.Need("strace"), "-f", "-qq", "-e", $"trace={fault.Split(':')[0]}", "-e", "signal=none", "-e", inject, "-o", "/dev/null",
            BlobsCommand.Native, "ingest", layer, "--root", root, "--quiet").RunAsync();
        result.ExpectRefusal();
        Assert.Empty(Listing(root));
        await new Command(BlobsCommand.Native, "ingest", layer, "--root", root, "--quiet").SucceedAsync();
        await new Command(BlobsCommand.Native, "verify", "--root", root).SucceedAsync();
    }

    [Fact]
    public async Task A_container_whose_name_does_not_reach_the_disk_is_taken_back()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        await new Command(BlobsCommand.Native, "load", TestImage.Write(temporary).Archive, "--root", root, "--quiet").SucceedAsync();
        string[] create = [BlobsCommand.Native, "create", "--root", root, "--name", "made", "--network", "none", TestImage.Name];
        CommandResult result = await new Command(
            Oracle.Need("strace"),
            ["-f", "-qq", "-P", Path.Combine(root, "containers"), "-e", "trace=fsync", "-e", "signal=none", "-e", "inject=fsync:error=EIO", "-o", "/dev/null", .. create])
            .RunAsync();
        result.ExpectRefusal();
        Assert.Empty(Listing(Path.Combine(root, "containers")));
        Assert.Empty(Listing(Path.Combine(root, "image/overlay2/layerdb/mounts")));
        await new Command(BlobsCommand.Native, "verify", "--root", root).SucceedAsync();
        await new Command(create[0], create[1..]).SucceedAsync();
    }

    // From where not even the runtime starts to where nothing is missing any more.
    [Theory]
    [InlineData("ingest")]
    [InlineData("load")]
    [InlineData("verify")]
    public async Task Too_few_file_handles_cost_nothing_but_the_work(string verb)
    {
        Oracle.NeedRoot();
        Oracle.NeedNative();
        await using var temporary = new TemporaryRoot();
        string prlimit = Oracle.Need("prlimit");
        string root = temporary["root"];
        string layer = Layer(temporary);
        string archive = temporary["image.tar"];
        DockerArchive.Write(archive, "image:1", [layer], "/bin/sh");
        string[] work = verb == "ingest" ? ["ingest", layer, "--root", root, "--quiet"]
            : verb == "load" ? ["load", archive, "--root", root, "--quiet"] : ["verify", "--root", root];
        int refused = 0;
        int done = 0;
        for (int handles = 6; done < 3; handles++)
        {
            Assert.True(handles < 400, $"{handles} handles are too few");
            await new Command("rm", "-rf", root).SucceedAsync();
            if (verb == "verify")
            {
                await new Command(BlobsCommand.Native, "load", archive, "--root", root, "--quiet").SucceedAsync();
            }

            string[] before = Listing(root);
            CommandResult result = await new Command(prlimit, [$"--nofile={handles}", BlobsCommand.Native, .. work]).RunAsync();
            if (result.ExitCode == 0)
            {
                done++;
                continue;
            }

            if (result.Error.StartsWith("blobs: ", StringComparison.Ordinal))
            {
                // What there are no handles left to remove is out of sight, and the next run removes it.
                Assert.True(result.ExitCode == 1 && result.Talk.Count == 1, $"{handles} handles: {result.ExitCode}\n{result.Error}");
                Assert.Contains("too many open files", result.Error + result.Text, StringComparison.OrdinalIgnoreCase);
                refused++;
            }

            Assert.True(verb != "verify" || before.SequenceEqual(Listing(root)), $"{handles} handles");
            await new Command(BlobsCommand.Native, work).SucceedAsync();
            await new Command(BlobsCommand.Native, "verify", "--root", root).SucceedAsync();
        }

        Assert.True(refused > 0, "nothing was refused");
    }

    // The program's own calls from some moment on: no handle to be had any more, not even to tidy with.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public async Task Handles_that_run_out_for_good_leave_a_root_that_works(int calls)
    {
        Oracle.NeedRoot();
        Oracle.NeedNative();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string[] work = [BlobsCommand.Native, "ingest", Layer(temporary), "--root", root, "--quiet"];
        IReadOnlyList<CallFault> all = await FaultyRun.AllAsync(temporary.Path, work);
        int when = Math.Max(1, all.Where(fault => fault.Call == "openat").Max(fault => fault.When) - calls);

        // Calls are counted for each thread, and another run may share them out otherwise: then nothing is refused until it begins earlier.
        FaultyRun run;
        do
        {
            await new Command("rm", "-rf", root).SucceedAsync();
            run = await FaultyRun.RunAsync(temporary.Path, new CallFault("openat", "EMFILE", when, AndAllAfter: true), work);
        }
        while (run.Refused.Count == 0 && --when > 0);

        Assert.NotEqual(0, run.Result.ExitCode);
        if (run.IsOurs(temporary.Path))
        {
            run.Result.ExpectRefusal();
        }

        await new Command(work[0], work[1..]).SucceedAsync();
        await new Command(BlobsCommand.Native, "verify", "--root", root).SucceedAsync();
    }

    private static string Layer(TemporaryRoot temporary)
    {
        byte[] noise = new byte[800 << 10];
        new Random(1).NextBytes(noise);
        return LayerFiles.Write(temporary, "layer.tar", new TarBuilder()
            .AddRange(Enumerable.Range(0, Files).Select(number => new TarMember($"d/file-{number}") { Content = noise[..(number * 100)] }))
            .Add(new TarMember("noise") { Content = noise })
            .ToArray());
    }

    private static string[] Listing(string root) =>
        Directory.Exists(root) ? [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)] : [];
}
