using System.Globalization;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Full disks, and calls that the kernel refuses: one line, exit code 1, the root as it was, and the next run works.</summary>
public sealed class FaultSpecs
{
    private const int Files = 60;

    private static readonly string Program = Environment.GetEnvironmentVariable("BLOBS_NATIVE") is { Length: > 0 } native ? native : BlobsCommand.Path;

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
        string line = (await new Command(Program, "ingest", layer, "--root", root, "--keep-blob", "--quiet").RunAsync()).ExpectRefusal();
        Assert.Contains("no space left on device", line, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Listing(root));
        await new Command("mount", "-o", "remount,size=64m,nr_inodes=10000", disk).SucceedAsync();
        await new Command(Program, "ingest", layer, "--root", root, "--keep-blob", "--quiet").SucceedAsync();
        await new Command(Program, "verify", "--root", root).SucceedAsync();
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
            Program, "ingest", layer, "--root", root, "--quiet").RunAsync();
        result.ExpectRefusal();
        Assert.Empty(Listing(root));
        await new Command(Program, "ingest", layer, "--root", root, "--quiet").SucceedAsync();
        await new Command(Program, "verify", "--root", root).SucceedAsync();
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
