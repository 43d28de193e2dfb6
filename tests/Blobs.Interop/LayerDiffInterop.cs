using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>The tar that we make of a container's changes is the one that docker commit makes of them.</summary>
[Collection(EngineCollection.Name)]
public sealed class LayerDiffInterop
{
    // Everything that a header can say, and every way in which something of the image can change or go.
    private const string Script = """
        set -e; b=busybox; cd /
        $b rm gone was-link; $b rm -r hidden/sub; $b rm hidden/a
        $b rm -r opaque; $b mkdir opaque; echo new > opaque/new
        $b rm -r was-directory; echo file > was-directory
        $b rm was-file; $b mkdir was-file; echo inside > was-file/inside
        $b mv etc/passwd etc/moved; echo more >> etc/untouched
        $b chmod 4750 attributes/capability; $b chmod 600 relinked; $b chmod 700 tmp
        $b mkdir n; cd n
        echo shared > first; $b ln first second; $b ln second third
        $b ln -s /no/such link; $b ln -s $($b printf 't%0150d' 0) long-target; $b mkfifo pipe
        $b mknod null c 1 3; $b mknod disk b 8 1
        echo owned > owned; $b chown 3000001:3000002 owned; echo adm > group; $b chown 3:4 group
        $b mkdir owned-too; $b chown 2097152:5 owned-too
        echo > $($b printf 'caf\351'); echo > é; echo > 'a b"c<d>&'; echo > "$($b printf 'new\nline')"
        d=$($b printf 'd%0119d' 0); $b mkdir -p $d/$d/$d; echo deep > $d/$d/$d/f; $b mkdir $($b printf 'e%098d' 0)
        $b mkdir -p p/$($b printf 'p%079d' 0); echo ustar > p/$($b printf 'p%079d' 0)/$($b printf 'f%079d' 0)
        echo old > old; $b touch -d '1960-01-01 00:00:00' old; echo far > far; $b touch -d '2300-01-01 00:00:00' far
        $b touch empty; $b dd if=/dev/zero of=large bs=1000 count=700 2>/dev/null
        """;

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_container_becomes_the_same_layer(string driver)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        string busybox = Oracle.Need("busybox");
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string image = temporary["image.tar"];
        DockerArchive.Write(
            image,
            "base:latest",
            [
                LayerFiles.Write(temporary, "base.tar", BaseLayer.Build(busybox)),
                LayerFiles.Write(temporary, "odd.tar", OddLayer.Build()),
            ],
            "/bin/sh");
        string container;
        string committed = temporary["committed.tar"];
        string saved = temporary["saved.tar"];
        string whileRunning = temporary["while-running.tar"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            await engine.RunAsync("load", "--quiet", "--input", image);
            container = (await engine.RunAsync(
                "run", "--detach", "--network", "none", "base", "/bin/sh", "-c", $"{Script}\nbusybox touch /ready; busybox sleep 600")).Trim();
            for (int attempt = 0; (await engine.Docker("exec", container, "busybox", "test", "-e", "/ready").RunAsync()).ExitCode != 0; attempt++)
            {
                Assert.True(attempt < 100, await engine.RunAsync("logs", container));
                await Task.Delay(100);
            }

            // The daemon has it mounted: reading is nobody's business but ours.
            await DiffAsync(root, driver, container, whileRunning);
            await engine.RunAsync("commit", container, "changed");
            await engine.RunAsync("save", "--output", saved, "changed");
            await engine.RunAsync("kill", container);
        }

        DockerArchive.ExtractLastLayer(saved, committed);
        string after = temporary["after.tar"];
        string diffId = await DiffAsync(root, driver, container, after);
        AssertSame(committed, whileRunning, driver);
        AssertSame(committed, after, driver);
        Assert.Equal(Sha256Text.OfFile(after), diffId);
        Assert.Empty(Mounts.Below(root));

        // What came out goes in again, and the engine takes it from there.
        CommandResult rows = await BlobsCommand.With("layers", "--json", "--root", root, "--driver", driver).SucceedAsync();
        string parent = rows.Json.EnumerateArray().Single(row => row.GetProperty("readWriteLayers").GetArrayLength() == 1)
            .GetProperty("chainId").GetString()!;
        IngestedLayer layer = await BlobsCommand.IngestAsync(after, root, parent, driver);
        Assert.Equal(Sha256Text.Chain(parent, diffId), layer.ChainId);
        await using Dockerd again = await Dockerd.StartAsync(temporary, root, driver);
        Assert.Equal("more\n", (await again.RunAsync(
            "run", "--rm", "--network", "none", "changed", "/bin/sh", "-c", "busybox tail -c 5 /etc/untouched")));
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_changed_copy_of_an_image_gives_the_change(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string[] stack =
        [
            LayerFiles.Write(temporary, "base.tar", BaseLayer.Build()),
            LayerFiles.Write(temporary, "whiteout.tar", WhiteoutLayer.Build()),
        ];
        IReadOnlyList<IngestedLayer> layers = await BlobsCommand.IngestStackAsync(stack, root, driver);

        // The same layers as one tree: what the driver vfs keeps.
        IReadOnlyList<IngestedLayer> plain = await BlobsCommand.IngestStackAsync(stack, temporary["plain"], "vfs");
        string tree = new EngineStore(temporary["plain"], "vfs").Layer(plain[^1].ChainId).Tree;
        string unchanged = temporary["unchanged.tar"];
        await BlobsCommand.With(
            "layer", "diff", "--tree", tree, "--parent", layers[^1].ChainId, "--root", root, "--driver", driver, "-o", unchanged).SucceedAsync();
        Assert.Equal(1024, new FileInfo(unchanged).Length);

        File.WriteAllText(Path.Combine(tree, "etc", "new"), "new");
        File.Delete(Path.Combine(tree, "relinked"));
        CommandResult changed = await BlobsCommand.With(
            "layer", "diff", "--tree", tree, "--parent", layers[^1].ChainId, "--root", root, "--driver", driver).SucceedAsync();
        CommandResult listed = await new Command("tar", "-t") { Input = changed.Output }.SucceedAsync();
        Assert.Equal("./etc/\n./etc/new\n./.wh.relinked\n".Replace("./", "", StringComparison.Ordinal).Split('\n').Order(), listed.Text.Split('\n').Order());
        Assert.Empty(Mounts.Below(root));
    }

    private static async Task<string> DiffAsync(string root, string driver, string container, string target)
    {
        CommandResult result = await BlobsCommand
            .With("layer", "diff", container[..12], "--root", root, "--driver", driver, "--as", "20.10", "--output", target, "--json").SucceedAsync();
        return result.Json.GetProperty("diffId").GetString()!;
    }

    // Where trees are compared a whiteout bears the time of the comparison, which is nobody's to repeat.
    private static void AssertSame(string theirs, string ours, string driver)
    {
        byte[] expected = File.ReadAllBytes(theirs);
        byte[] found = File.ReadAllBytes(ours);
        if (driver != "overlay2")
        {
            ClearWhiteoutTimes(expected);
            ClearWhiteoutTimes(found);
        }

        Assert.Equal(Listing(expected), Listing(found));
        Assert.Equal(Sha256Text.Of(expected), Sha256Text.Of(found));
    }

    // POSIX ustar: name, mode 100, mtime 136, checksum 148. Only whiteouts have no mode at all.
    private static void ClearWhiteoutTimes(byte[] tar)
    {
        for (int at = 0; at + 512 <= tar.Length; at += 512)
        {
            Span<byte> header = tar.AsSpan(at, 512);
            if (header[..100].IndexOf(".wh."u8) >= 0 && header.Slice(100, 8).SequenceEqual("0000000\0"u8))
            {
                header.Slice(136, 20).Clear();
            }
        }
    }

    private static string[] Listing(byte[] tar)
    {
        var lines = new List<string>();
        for (int at = 0; at + 512 <= tar.Length && tar[at] != 0;)
        {
            int size = Convert.ToInt32(Encoding.ASCII.GetString(tar, at + 124, 11), 8);
            lines.Add(ByteText.Escape(tar.AsSpan(at, 345).ToArray()));
            at += 512 + ((size + 511) / 512 * 512);
        }

        return [.. lines];
    }
}
