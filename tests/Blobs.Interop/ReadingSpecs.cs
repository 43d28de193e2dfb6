using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The files of images, as docker, umoci and tar see them.</summary>
[Collection(EngineCollection.Name)]
public sealed partial class ReadingSpecs
{
    // What an engine adds to the tree of a container; and a directory that its layer does not describe, which the engine
    // makes anew, at the time when it loads the image.
    private static readonly string[] EnginesOwn =
    [
        ".dockerenv", "dev/", "dev/console", "dev/pts/", "dev/shm/", "etc/", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf",
        "proc/", "sys/", "hidden/sub/",
    ];

    [Fact]
    public async Task An_export_a_copy_and_a_diff_are_what_docker_answers()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        string archive = $"docker-archive:{image.Archive}";
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root))
        {
            await engine.RunAsync("load", "-i", image.Archive);
            await engine.RunAsync("create", "--name", "one", "--network", "none", TestImage.Name);
            await engine.RunAsync("export", "one", "-o", temporary["theirs.tar"]);
            await BlobsCommand.With("export", archive, "-o", temporary["ours.tar"]).SucceedAsync();
            Assert.Equal(await ListAsync(temporary["theirs.tar"]), await ListAsync(temporary["ours.tar"]));

            await engine.RunAsync("cp", "one:/hidden", temporary.Folder("theirs"));
            await engine.RunAsync("cp", "one:/opaque/.", temporary["theirs/new"]);
            await BlobsCommand.With("cp", $"{archive}:/hidden", temporary.Folder("ours")).SucceedAsync();
            await BlobsCommand.With("cp", $"{archive}:/opaque/.", temporary["ours/new"]).SucceedAsync();
            await new Command("diff", "--recursive", temporary["theirs"], temporary["ours"]).SucceedAsync();

            Assert.Equal(
                Listing(await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name, "/bin/busybox", "ls", "-ln", "/hidden", "/was-file")),
                Listing((await BlobsCommand.With("ls", "-l", $"{archive}:/hidden").SucceedAsync()).Text
                    + (await BlobsCommand.With("ls", "-l", $"{archive}:/was-file").SucceedAsync()).Text));

            await engine.RunAsync("run", "--name", "two", "--network", "none", TestImage.Name, "/bin/sh", "-c", Changes);
            string theirs = await engine.RunAsync("diff", "two");
            string ours = (await BlobsCommand.With("diff", TestImage.Name, "container:two", "--root", root).SucceedAsync()).Text;
            Assert.Equal(DiffLines(theirs), DiffLines(ours));
        }
    }

    [Fact]
    public async Task An_export_is_what_umoci_unpacks()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("copy", $"docker-archive:{image.Archive}", $"oci:{temporary["layout"]}:1", "--quiet").SucceedAsync();
        await new Command(Oracle.Need("umoci"), "unpack", "--image", $"{temporary["layout"]}:1", temporary["bundle"]).SucceedAsync();
        await BlobsCommand.With("export", $"oci:{temporary["layout"]}:1", "-o", temporary["ours.tar"]).SucceedAsync();
        await new Command("tar", "-C", temporary.Folder("ours"), "-xpf", temporary["ours.tar"]).SucceedAsync();
        await new Command("diff", "--recursive", "--no-dereference", temporary["bundle/rootfs"], temporary["ours"]).SucceedAsync();
        Assert.Equal(await TreeAsync(temporary["bundle/rootfs"]), await TreeAsync(temporary["ours"]));
    }

    [Fact]
    public async Task A_file_is_read_from_a_registry_without_the_layers_that_cannot_matter()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        TestImage image = TestImage.Write(temporary);
        string place = $"docker://{registry.Address}/test:1";
        await BlobsCommand.With("copy", $"docker-archive:{image.Archive}", place, "--quiet").SucceedAsync();

        JsonElement hello = await CatAsync("/hello.txt");
        Assert.Equal(TestImage.Says, await File.ReadAllTextAsync(temporary["out"]));
        Assert.Equal(1, hello.GetProperty("layersRead").GetInt32());
        Assert.InRange(hello.GetProperty("bytesRead").GetInt64(), 1, 1000);

        JsonElement link = await CatAsync("/becomes-link");
        Assert.Equal("the base's own etc/untouched\n", await File.ReadAllTextAsync(temporary["out"]));
        Assert.Equal("/etc/untouched", link.GetProperty("path").GetString());
        Assert.Equal(4, link.GetProperty("layersRead").GetInt32());

        CommandResult gone = await BlobsCommand.RunAsync("cat", $"{place}:/gone", "-o", temporary["none"]);
        Assert.Contains("'/gone' is not in the image", gone.ExpectRefusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(temporary["none"]));

        async Task<JsonElement> CatAsync(string path) =>
            (await BlobsCommand.With("cat", $"{place}:{path}", "-o", temporary["out"], "--json").SucceedAsync()).Json;
    }

    [Fact]
    public async Task A_hostile_image_is_read_and_copied_inside_its_bounds()
    {
        await using var temporary = new TemporaryRoot();
        await File.WriteAllTextAsync(temporary["secret"], "outside");
        string up = string.Concat(Enumerable.Repeat("../", 20));
        byte[] hostile = new TarBuilder()
            .Add(new TarMember("out", '2') { Link = System.Text.Encoding.UTF8.GetBytes(temporary.Path) })
            .Add(new TarMember($"{up}{temporary.Path[1..]}/secret") { Content = "inside"u8.ToArray() })
            .Add(new TarMember("d/up", '2') { Link = System.Text.Encoding.UTF8.GetBytes($"{up}{temporary.Path[1..]}/secret") })
            .Add(new TarMember("d/\u001b[31mred"))
            .ToArray();
        string[] layers = [.. Enumerable.Range(0, 100).Select(number => LayerFiles.Write(
            temporary, $"{number}.tar", number == 0 ? hostile : new TarBuilder().Add(new TarMember($"f{number}")).Add(new TarMember($".wh.f{number - 1}")).ToArray()))];
        DockerArchive.Write(temporary["image.tar"], "hostile:1", layers, "/x");
        string place = $"docker-archive:{temporary["image.tar"]}";

        Assert.Equal("inside", (await BlobsCommand.With("cat", $"{place}:/d/up").SucceedAsync()).Text);
        Assert.Equal("inside", (await BlobsCommand.With("cat", $"{place}:/out/secret").SucceedAsync()).Text);
        Assert.Equal("d\nf99\nout\ntmp\n", (await BlobsCommand.With("ls", place).SucceedAsync()).Text);
        Assert.Contains(@"\x1b[31mred", (await BlobsCommand.With("tree", place).SucceedAsync()).Text, StringComparison.Ordinal);
        await BlobsCommand.With("cp", $"{place}:/", temporary.Folder("copy")).SucceedAsync();
        Assert.Equal("outside", await File.ReadAllTextAsync(temporary["secret"]));
    }

    [Fact]
    public async Task Differences_sizes_and_files_are_found()
    {
        await using var temporary = new TemporaryRoot();
        string one = Layer("1.tar", new TarMember("a") { Content = new byte[1000] }, new TarMember("lib/b.so") { Content = "b"u8.ToArray() });
        string two = Layer("2.tar", new TarMember("a") { Content = new byte[1000], Mode = 0b111_101_101 }, new TarMember("lib/.wh.b.so"));
        DockerArchive.Write(temporary["1.image"], "x:1", [one], "/a");
        DockerArchive.Write(temporary["2.image"], "x:2", [one, two], "/b");
        string[] places = [$"docker-archive:{temporary["1.image"]}", $"docker-archive:{temporary["2.image"]}"];

        Assert.Equal(
            "C /a  (0644 → 0755)\nD /lib/b.so\nC config Cmd: [\"/a\"] → [\"/b\"]\n",
            (await BlobsCommand.With(["diff", .. places]).SucceedAsync()).Text);
        JsonElement usage = (await BlobsCommand.With("du", places[1], "--json").SucceedAsync()).Json;
        Assert.Equal((1001, 1000), (usage.GetProperty("wastedBytes").GetInt32(), usage.GetProperty("repeatedBytes").GetInt32()));
        Assert.Equal($"{places[0]}:/lib/b.so\n", (await BlobsCommand.With(["find", "*.so", .. places]).SucceedAsync()).Text);
        Assert.Equal(
            $"{places[0]}:/a\n{places[1]}:/a\n",
            (await BlobsCommand.With(["find", Sha256Text.Of(new byte[1000]), .. places]).SucceedAsync()).Text);

        string Layer(string name, params TarMember[] members) =>
            LayerFiles.Write(temporary, name, new TarBuilder().AddRange(members).ToArray());
    }

    private const string Changes =
        "echo more > /more; rm /hello.txt; rm -r /opaque; chmod 700 /was-file; mkdir -p /new/d; echo x > /new/d/f; echo longer text > /was-link";

    // docker diff lists directories for what changed in them, too; content and metadata of these are the same.
    private static string[] DiffLines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split("  (")[0])
        .Where(line => !EnginesOwn.Contains(line[3..]) && !EnginesOwn.Contains($"{line[3..]}/"))
        .Order(StringComparer.Ordinal)];

    // Links and sizes of directories are the file system's.
    private static string[] Listing(string text) => [.. text.Split('\n')
        .Select(line => LongLine().Match(line))
        .Where(match => match.Success)
        .Select(match => string.Join(' ', match.Groups.Values.Skip(1).Select(group => group.Value)))
        .Select(line => line[0] == 'd' ? DirectorySize().Replace(line, "$1 ") : line)
        .Order(StringComparer.Ordinal)];

    private static async Task<string[]> ListAsync(string tar) => [.. (await new Command("tar", "--numeric-owner", "--full-time", "-tvf", tar).SucceedAsync()).Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !EnginesOwn.Contains(line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)[5].Split(" -> ")[0]))
        .Order(StringComparer.Ordinal)];

    private static async Task<string> TreeAsync(string folder) => string.Join('\n', (await new Command(
        "find", folder, "-mindepth", "1", "-not", "-type", "d", "-printf", @"%P %y %m %U:%G %n %l %s %T@\n", "-o", "-printf", @"%P %y %m %U:%G\n")
        .SucceedAsync()).Text.Split('\n').Order(StringComparer.Ordinal)).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([-dlcbp]\S{9}) +\d+ +(\d+) +(\d+) +(\d+) .* (\S+)$")]
    private static partial Regex LongLine();

    [GeneratedRegex(@"^(\S+ \d+ \d+) \d+ ")]
    private static partial Regex DirectorySize();
}
