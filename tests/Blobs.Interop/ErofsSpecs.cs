using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>EROFS images as the kernel mounts them, held against GNU tar, fsck.erofs and overlayfs.</summary>
public sealed partial class ErofsSpecs
{
    [Theory]
    [InlineData("plain")]
    [InlineData("tar")]
    public async Task A_mounted_image_is_the_tree_that_GNU_tar_unpacks(string layout)
    {
        NeedMounts();
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", OddLayer.Build());
        DateTimeOffset started = DateTimeOffset.UtcNow;
        await new Command(
            Oracle.Need("tar"), "--extract", "--preserve-permissions", "--same-owner", "--numeric-owner", "--xattrs",
            "--xattrs-include=*", "--directory", temporary.Folder("unpacked"), "--file", layer).SucceedAsync();
        string mounted = await MountAsync(temporary, await WriteAsync(temporary, layer, layout), "mounted");

        // Directories that the archive does not name get the time of the run from tar, and that of their parent from us.
        TreeListing theirs = TreeListing.Of(temporary["unpacked"], recent: started);
        TreeListing ours = TreeListing.Of(mounted);
        Assert.Equal(theirs.Lines.Keys, ours.Lines.Keys);
        Assert.All(theirs.Lines, line => Assert.Equal(
            // To engines, and so to us, an attribute without a value is none.
            line.Value.Replace(" user.empty=", "", StringComparison.Ordinal),
            line.Value.Contains("mtime=recent", StringComparison.Ordinal)
                ? ModifiedTime().Replace(ours.Lines[line.Key], "mtime=recent", 1)
                : ours.Lines[line.Key]));
    }

    [Fact]
    public async Task A_plain_image_is_clean_for_fsck()
    {
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", OddLayer.Build());
        string image = await WriteAsync(temporary, layer, "plain");
        CommandResult checkedImage = await new Command(Oracle.Need("fsck.erofs"), "--extract", image).SucceedAsync();
        Assert.DoesNotContain("<E>", checkedImage.Text + checkedImage.Error, StringComparison.Ordinal);
        CommandResult dumped = await new Command(Oracle.Need("dump.erofs"), "-s", image).SucceedAsync();
        Assert.Matches(@"Filesystem root nid:\s+1\b", dumped.Text);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("tar")]
    public async Task Mounted_one_above_the_other_layers_are_the_merged_tree(string layout)
    {
        NeedMounts();
        await using var temporary = new TemporaryRoot();
        string[] layers =
        [
            LayerFiles.Write(temporary, "base.tar", BaseLayer.Build()),
            LayerFiles.Write(temporary, "changes.tar", WhiteoutLayer.Build()),
        ];
        IReadOnlyList<IngestedLayer> ingested = await BlobsCommand.IngestStackAsync(layers, temporary["root"], "vfs");
        string merged = new EngineStore(temporary["root"], "vfs").Layer(ingested[^1].ChainId).Tree;

        string lower = await MountAsync(temporary, await WriteAsync(temporary, layers[0], layout), "lower");
        string upper = await MountAsync(temporary, await WriteAsync(temporary, layers[1], layout), "upper");
        string shown = temporary.Folder("shown");
        await new Command("mount", "-t", "overlay", "-o", $"ro,lowerdir={upper}:{lower}", "overlay", shown).SucceedAsync();
        Assert.Equal("", TreeListing.Of(shown, TreeListing.Facts.Shape).DifferenceFrom(TreeListing.Of(merged, TreeListing.Facts.Shape)));
    }

    [Fact]
    public async Task Sparse_files_of_GNU_tar_are_read_back_by_the_kernel()
    {
        NeedMounts();
        await using var temporary = new TemporaryRoot();
        string files = temporary.Folder("files");
        await using (FileStream sparse = File.Create(Path.Combine(files, "sparse")))
        {
            foreach (long offset in (long[])[0, 5 << 20, 30 << 20])
            {
                sparse.Position = offset;
                sparse.Write(System.Text.Encoding.ASCII.GetBytes($"data at {offset}"));
            }

            sparse.SetLength(40_000_001);
        }

        string expected = Sha256Text.OfFile(Path.Combine(files, "sparse"));
        foreach (string[] form in (string[][])[["--format=gnu"], ["--format=posix", "--sparse-version=0.1"], ["--format=posix", "--sparse-version=1.0"]])
        {
            string layer = temporary[$"{form[^1]}.tar"];
            await new Command(Oracle.Need("tar"), ["--create", "--sparse", .. form, "--directory", files, "--file", layer, "sparse"]).SucceedAsync();
            foreach (string layout in (string[])["plain", "tar"])
            {
                string image = await WriteAsync(temporary, layer, layout);
                Assert.InRange(new FileInfo(image).Length, 1, 1 << 20);
                string mounted = await MountAsync(temporary, image, $"mounted{form[^1]}.{layout}");
                Assert.Equal(expected, Sha256Text.OfFile(Path.Combine(mounted, "sparse")));
            }
        }
    }

    [Fact]
    public async Task The_exact_tar_comes_back_and_every_run_gives_the_same_image()
    {
        await using var temporary = new TemporaryRoot();
        byte[] tar = OddLayer.Build(privileged: false);
        string plain = LayerFiles.Write(temporary, "layer.tar", tar);
        string gzip = LayerFiles.Write(temporary, "layer.tar.gz", LayerFiles.Gzip(tar));
        string recording = temporary["recording"];
        await BlobsCommand.With("erofs", gzip, "-o", temporary["a"], "--tar-split", recording, "--quiet").SucceedAsync();
        await BlobsCommand.With("erofs", plain, "-o", temporary["b"]).SucceedAsync();
        Assert.Equal(Sha256Text.OfFile(temporary["a"]), Sha256Text.OfFile(temporary["b"]));
        Assert.Equal(tar, (await BlobsCommand.With("erofs", "export", temporary["a"], "--tar-split", recording).SucceedAsync()).Output);

        await BlobsCommand.With("erofs", gzip, "-o", temporary["t"], "--layout", "tar").SucceedAsync();
        Assert.Equal(tar, (await BlobsCommand.With("erofs", "export", temporary["t"]).SucceedAsync()).Output);
        Assert.Contains("recording", (await BlobsCommand.RunAsync("erofs", "export", temporary["a"])).ExpectRefusal(), StringComparison.Ordinal);
        (await (BlobsCommand.With("erofs", "export", "-") with { InputFile = temporary["t"] }).RunAsync()).ExpectRefusal();
    }

    [Theory]
    [InlineData("plain", 4096)]
    [InlineData("tar", 512)]
    public async Task The_dm_verity_tree_of_an_image_is_what_veritysetup_makes_and_verifies(string layout, int blockBytes)
    {
        string veritysetup = Oracle.Need("veritysetup");
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", OddLayer.Build());
        (string image, string again) = (temporary["image"], temporary["again"]);
        await BlobsCommand.With("erofs", layer, "-o", image, "--layout", layout, "--verity").SucceedAsync();
        using JsonDocument read = JsonDocument.Parse(await File.ReadAllTextAsync(image + ".dmverity"));
        string rootHash = read.RootElement.GetProperty("roothash").GetString()!;
        long offset = read.RootElement.GetProperty("hashoffset").GetInt64();
        string at = $"--hash-offset={offset}";
        await new Command(veritysetup, "verify", image, image, rootHash, at).SucceedAsync();

        CommandResult dumped = await new Command(veritysetup, "dump", image, at).SucceedAsync();
        string uuid = Uuid().Match(dumped.Text).Value;
        File.Copy(image, again);
        await using (FileStream cut = File.OpenWrite(again))
        {
            cut.SetLength(offset);
        }

        CommandResult formatted = await new Command(
            veritysetup, "format", again, again, at, $"--data-block-size={blockBytes}", $"--hash-block-size={blockBytes}",
            $"--data-blocks={offset / blockBytes}", $"--salt={new string('0', 64)}", $"--uuid={uuid}").SucceedAsync();
        Assert.Contains(rootHash, formatted.Text, StringComparison.Ordinal);
        Assert.Equal(Sha256Text.OfFile(again), Sha256Text.OfFile(image));
    }

    [Fact]
    public async Task Layers_pulled_loaded_and_copied_are_the_same_files_and_hold_the_exact_tars()
    {
        await using var temporary = new TemporaryRoot();
        byte[][] tars = [BaseLayer.Build(), WhiteoutLayer.Build()];
        string archive = temporary["image.tar"];
        DockerArchive.Write(archive, "app:1", [.. tars.Select((tar, i) => LayerFiles.Write(temporary, $"{i}.tar", tar))], "/bin/sh");
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        string name = $"{registry.Host}/app:1";
        await BlobsCommand.With("copy", $"docker-archive:{archive}", $"erofs:{temporary["copied"]}", "--verity").SucceedAsync();
        await BlobsCommand.With("copy", $"docker-archive:{archive}", $"docker://{name}").SucceedAsync();
        await BlobsCommand.With("pull", name, "--root", $"erofs:{temporary["pulled"]}", "--verity").SucceedAsync();
        await BlobsCommand.With("load", archive, "--root", $"erofs:{temporary["loaded"]}", "--verity").SucceedAsync();
        await (BlobsCommand.With("load", "--root", $"erofs:{temporary["streamed"]}", "--verity") with { InputFile = archive }).SucceedAsync();
        string[] copied = FilesIn(temporary["copied"]);
        Assert.Equal(tars.Length * 3, copied.Length);
        Assert.All((string[])["pulled", "loaded", "streamed"], folder => Assert.Equal(copied, FilesIn(temporary[folder])));
        foreach (byte[] tar in tars)
        {
            string hex = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(tar));
            string image = temporary[$"pulled/sha256/{hex[..2]}/{hex}.erofs"];
            CommandResult exported = await BlobsCommand
                .With("erofs", "export", image, "--tar-split", Path.ChangeExtension(image, ".tar-split.gz")).SucceedAsync();
            Assert.Equal(tar, exported.Output);
        }

        (await BlobsCommand.RunAsync("pull", name, "--root", temporary["root"], "--layout", "tar")).Expect(2);
    }

    [Fact]
    public async Task Nothing_is_left_of_an_image_with_a_wrong_digest_or_without_a_place()
    {
        await using var temporary = new TemporaryRoot();
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        string folder = temporary.Folder("images");
        string wrong = $"sha256:{new string('0', 64)}";
        (await BlobsCommand.RunAsync(
            "erofs", layer, "-o", Path.Combine(folder, "i"), "--tar-split", Path.Combine(folder, "r"), "--expect-diffid", wrong)).ExpectRefusal();
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        (await BlobsCommand.RunAsync("erofs", layer, "-o", "-")).ExpectRefusal();
        (await BlobsCommand.RunAsync("erofs", layer, "-o", temporary["i"], "--layout", "tar", "--tar-split", temporary["r"])).Expect(2);
        (await BlobsCommand.RunAsync("erofs", layer, "-o", temporary["i"], "--layout", "other")).Expect(2);
    }

    private static string[] FilesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(folder, path)} {Sha256Text.OfFile(path)}"),
    ];

    private static void NeedMounts()
    {
        Oracle.NeedRoot();
        Oracle.NeedFileSystem("erofs");
    }

    private static async Task<string> WriteAsync(TemporaryRoot temporary, string layer, string layout)
    {
        string image = temporary[$"{Path.GetFileName(layer)}.{layout}.erofs"];
        await BlobsCommand.With("erofs", layer, "-o", image, "--layout", layout, "--quiet").SucceedAsync();
        return image;
    }

    private static async Task<string> MountAsync(TemporaryRoot temporary, string image, string name)
    {
        string point = temporary.Folder(name);
        await new Command("mount", "-t", "erofs", "-o", "loop,ro", image, point).SucceedAsync();
        return point;
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"mtime=\S+")]
    private static partial Regex ModifiedTime();
}
