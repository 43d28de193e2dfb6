using System.Text;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Tar;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Images;

public sealed class ImageFileSystemTests
{
    [Fact]
    public Task The_merged_tree_is_what_the_rules_of_whiteouts_say() => OfGeneratedAsync(async (merged, layers) =>
    {
        ImageEntry root = await new ImageFileSystem(layers).ReadTreeAsync();
        Assert.Equal(ListedLines(merged), Listed(root).Order(StringComparer.Ordinal));
        Assert.All(layers.Cast<MemoryLayer>(), layer => Assert.InRange(layer.OpenCount, 0, 1));
    });

    [Fact]
    public Task The_flattened_tar_has_the_merged_tree() => OfGeneratedAsync(async (merged, layers) =>
    {
        byte[] tar = await TarAsync(layers);
        Assert.Equal(tar, await TarAsync(layers));
        using var opened = new MemoryStream();
        await using (Stream stream = new ImageFileSystem(layers).OpenTar())
        {
            await stream.CopyToAsync(opened);
        }

        Assert.Equal(tar, opened.ToArray());
        var flat = new ImageFileSystem([new MemoryLayer(tar)], new ImageReadOptions { HashesContent = true });
        Assert.Equal(merged.Lines().Order(StringComparer.Ordinal), Hashed(await flat.ReadTreeAsync()).Order(StringComparer.Ordinal));
    });

    [Fact]
    public Task Every_file_is_found_and_has_its_content() => OfGeneratedAsync(async (merged, layers) =>
    {
        foreach ((string path, TreeNode node) in Files(merged, "").Where(file => file.Path.All(character => character < 128)))
        {
            using var content = new MemoryStream();
            ImageEntry entry = await new ImageFileSystem(layers).CopyFileAsync(path, content);
            Assert.Equal(node.Content, content.ToArray());
            Assert.Equal(node.Content.Length, entry.File.Size);
        }
    });

    [Fact]
    public async Task A_layer_that_cannot_matter_is_not_read()
    {
        MemoryLayer[] layers =
        [
            Layer(Archive.File("etc/passwd", "base")),
            Layer(Archive.File("etc/passwd", "upper"), Archive.File("etc/.wh.gone", "")),
            Layer(Archive.File("app", "top")),
        ];
        Assert.Equal("upper", await ReadAsync(layers, "/etc/passwd"));
        Assert.Equal([0, 1, 1], layers.Select(layer => layer.OpenCount));
        await Assert.ThrowsAsync<NotFoundException>(() => ReadAsync(layers, "/etc/gone"));
        Assert.Equal([0, 2, 2], layers.Select(layer => layer.OpenCount));
        await Assert.ThrowsAsync<NotFoundException>(() => ReadAsync(layers, "/app/x"));
        Assert.Equal([0, 2, 3], layers.Select(layer => layer.OpenCount));
    }

    [Fact]
    public async Task A_layer_that_is_there_twice_is_read_once()
    {
        MemoryLayer twice = Layer(Archive.File("a", "1"));
        ImageEntry root = await new ImageFileSystem([twice, Layer(Archive.File("b", "2")), twice]).ReadTreeAsync();
        Assert.Equal(["/a", "/b"], root.Children.Select(entry => $"{entry}"));
        Assert.Equal(1, twice.OpenCount);
        await Assert.ThrowsAsync<NotFoundException>(() => ReadAsync([twice, twice], "/none"));
    }

    [Fact]
    public async Task Links_are_followed_inside_the_image()
    {
        MemoryLayer[] layers =
        [
            Layer(
                Archive.File("usr/lib/os-release", "debian"),
                Link("etc/os-release", "../usr/lib/os-release"),
                Link("lib", "usr/lib"),
                Link("out", "../../../../../../lib/os-release"),
                Link("absolute", "/lib/os-release"),
                Link("round", "round"),
                Link("dangling", "nowhere")),
        ];
        foreach (string path in (string[])["/etc/os-release", "/lib/os-release", "/out", "absolute", "/lib/../lib/./os-release"])
        {
            Assert.Equal("debian", await ReadAsync(layers, path));
        }

        Assert.Contains("symbolic links", (await Assert.ThrowsAsync<MalformedDataException>(() => ReadAsync(layers, "/round"))).Message);
        await Assert.ThrowsAsync<NotFoundException>(() => ReadAsync(layers, "/dangling"));
        Assert.Equal("nowhere", Encoding.UTF8.GetString((await new ImageFileSystem(layers).FindAsync("/dangling", followsLast: false)).File.LinkTarget.Span));
    }

    [Fact]
    public async Task Only_a_link_to_something_that_has_passed_makes_a_layer_be_read_again()
    {
        MemoryLayer ahead = Layer(Link("link", "file"), Archive.File("file", "content"));
        Assert.Equal("content", await ReadAsync([ahead], "/link"));
        Assert.Equal(1, ahead.OpenCount);
        MemoryLayer passed = Layer(Archive.File("file", "content"), Link("link", "file"));
        Assert.Equal("content", await ReadAsync([passed], "/link"));
        Assert.Equal(2, passed.OpenCount);
    }

    [Fact]
    public async Task A_hard_link_means_the_file_of_its_own_layer_or_of_a_lower_one()
    {
        MemoryLayer[] layers =
        [
            Layer(Archive.File("low", "low")),
            Layer(Archive.File("b", "old"), HardLink("a", "b"), HardLink("c", "low")),
            Layer(Archive.File("b", "new")),
        ];
        Assert.Equal(["old", "new", "low", "low"], [await ReadAsync(layers, "a"), await ReadAsync(layers, "b"), await ReadAsync(layers, "c"), await ReadAsync(layers, "low")]);
        byte[] tar = await TarAsync(layers);
        MemoryLayer[] flat = [new MemoryLayer(tar)];
        Assert.Equal(["old", "new", "low", "low"], [await ReadAsync(flat, "a"), await ReadAsync(flat, "b"), await ReadAsync(flat, "c"), await ReadAsync(flat, "low")]);
        ImageEntry root = await new ImageFileSystem(flat).ReadTreeAsync();
        Assert.Equal([1, 1, 2, 2], root.Children.Select(entry => entry.File.LinkCount));
    }

    [Fact]
    public async Task A_hard_link_to_nothing_is_shown_but_cannot_be_read()
    {
        MemoryLayer[] layers = [Layer(HardLink("a", "none"), Archive.File("b", "1"))];
        Assert.True((await new ImageFileSystem(layers).ReadTreeAsync()).Children[0].File.IsMissing);
        Assert.Equal(Fault.LinkTarget, (await Assert.ThrowsAsync<MalformedDataException>(() => ReadAsync(layers, "/a"))).Fault);
        Assert.Equal(Fault.LinkTarget, (await Assert.ThrowsAsync<MalformedDataException>(() => TarAsync(layers))).Fault);
        Assert.Equal("1", await ReadAsync(layers, "/b"));
    }

    [Fact]
    public async Task An_entry_below_a_link_of_its_layer_is_where_the_link_leads()
    {
        MemoryLayer[] layers = [Layer(Archive.Directory("usr/bin/"), Link("bin", "usr/bin"), Archive.File("bin/sh", "shell"))];
        Assert.Equal("shell", await ReadAsync(layers, "/usr/bin/sh"));
        Assert.Equal("shell", await ReadAsync(layers, "/bin/sh"));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("./x/../etc//passwd")]
    public async Task Names_never_leave_the_image(string name) =>
        Assert.Equal("1", await ReadAsync([Layer(Archive.File(name, "1"))], "/etc/passwd"));

    [Fact]
    public async Task Two_entries_of_one_name_are_refused()
    {
        foreach ((TarMember, byte[])[] members in ((TarMember, byte[])[][])[
            [Archive.File("a", "1"), Archive.File("./a", "2")],
            [Archive.File("a", "1"), Archive.Directory("a/")],
            [Archive.File("a/b", "1"), Archive.File("a", "2")],
        ])
        {
            MalformedDataException fault =
                await Assert.ThrowsAsync<MalformedDataException>(() => new ImageFileSystem([Layer(members)]).ReadTreeAsync());
            Assert.Equal(Fault.DuplicateName, fault.Fault);
        }

        await new ImageFileSystem([Layer(Archive.Directory("a/"), Archive.File("a/b", "1"), Archive.Directory("a/"))]).ReadTreeAsync();
    }

    [Theory]
    [InlineData(".wh.")]
    [InlineData("d/.wh..")]
    [InlineData("d/.wh...")]
    public async Task A_whiteout_of_nothing_is_refused(string name) => Assert.Equal(
        Fault.Whiteout,
        (await Assert.ThrowsAsync<MalformedDataException>(() => new ImageFileSystem([Layer(Archive.File(name, ""))]).ReadTreeAsync())).Fault);

    [Fact]
    public async Task A_whiteout_of_everything_leaves_what_its_own_layer_has()
    {
        MemoryLayer[] layers = [Layer(Archive.File("a", "1"), Archive.File("d/b", "1")), Layer(Archive.File("c", "2"), Archive.File(".wh..wh..opq", ""))];
        Assert.Equal(["/c"], (await new ImageFileSystem(layers).ReadTreeAsync()).Children.Select(entry => $"{entry}"));
        await Assert.ThrowsAsync<NotFoundException>(() => ReadAsync(layers, "/a"));
        Assert.Equal(0, layers[0].OpenCount);
    }

    [Fact]
    public async Task Whiteouts_below_a_file_of_their_layer_hide_nothing_more()
    {
        MemoryLayer[] layers = [Layer(Archive.File("d/a", "1")), Layer(Archive.File("d", "2"), Archive.File("d/.wh.a", ""))];
        Assert.Equal("2", await ReadAsync(layers, "/d"));
        Assert.Equal(["/d"], (await new ImageFileSystem(layers).ReadTreeAsync()).Children.Select(entry => $"{entry}"));
    }

    [Fact]
    public async Task A_part_is_written_under_the_name_it_is_given()
    {
        MemoryLayer[] layers =
        [
            Layer(Archive.Directory("usr/"), Archive.Directory("usr/lib/"), Archive.File("usr/lib/x", "1"), Link("lib", "usr/lib")),
            Layer(Archive.File("usr/lib/y", "2"), Archive.File("z", "3")),
        ];
        foreach (string path in (string[])["/usr/lib", "/lib"])
        {
            Assert.Equal(["named/", "named/x", "named/y"], Names(await TarAsync(layers, path, "named")).Order());
            Assert.Equal(["x", "y"], Names(await TarAsync(layers, path, "")).Order());
        }

        Assert.Equal(["z"], Names(await TarAsync(layers, "/z", "z")));
    }

    [Fact]
    public async Task Holes_are_zeros()
    {
        byte[] map = Archive.Pax(
            ("GNU.sparse.size", "10"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.map", "2,2,6,1"));
        byte[] tar = [.. map, .. Archive.Raw((byte)'0', "sparse", "abc"u8.ToArray()), .. Archive.End];
        Assert.Equal("\0\0ab\0\0c\0\0\0", await ReadAsync([new MemoryLayer(tar)], "/sparse"));
        Assert.Equal("\0\0ab\0\0c\0\0\0", await ReadAsync([new MemoryLayer(await TarAsync([new MemoryLayer(tar)]))], "/sparse"));
    }

    [Fact]
    public async Task Whatever_names_and_links_a_layer_has_it_is_refused_or_flattened_without_a_change()
    {
        Gen<string> name = Gen.Select(
            Pick.From("a", "b", "c", "..", ".", "").Array[0, 3],
            Pick.From("a", "b", "c", "d", "..", ".wh.a", ".wh.b", ".wh..wh..opq"),
            (parts, last) => string.Join('/', parts.Append(last)));
        Gen<(TarMember, byte[])> member = Gen.Select(name, name, Gen.Int[0, 5]).Select(of => of.Item3 switch
        {
            0 => Archive.Directory($"{of.Item1}/"),
            1 => Link(of.Item1, of.Item2),
            2 => HardLink(of.Item1, of.Item2),
            _ => Archive.File(of.Item1, of.Item2),
        });
        int flattened = 0;
        await Cases.AllAsync(member.Array[0, 4].Array[1, 4], 400, async members =>
        {
            MemoryLayer[] layers = [.. members.Select(layer => new MemoryLayer(Archive.Of(layer)))];
            try
            {
                byte[] tar = await TarAsync(layers);
                flattened++;
                ImageEntry root = await new ImageFileSystem(layers, new ImageReadOptions { HashesContent = true }).ReadTreeAsync();
                var flat = new ImageFileSystem([new MemoryLayer(tar)], new ImageReadOptions { HashesContent = true });

                // An empty directory that is called as a whiteout can be implied, but not written.
                Assert.Equal(
                    Hashed(root).Where(line => !line.Contains(".wh.", StringComparison.Ordinal)),
                    Hashed(await flat.ReadTreeAsync()).Where(line => !line.Contains(".wh.", StringComparison.Ordinal)));
                Assert.DoesNotContain(Names(tar), entry => entry.Split('/').Any(part => part is ".." or "."));
            }
            catch (MalformedDataException)
            {
                // A whiteout of nothing, something below a file, a hard link to nothing.
            }
        });
        Assert.InRange(flattened, 50, 399);
    }

    [Fact]
    public async Task Memory_is_limited()
    {
        MemoryLayer layer = Layer([.. Enumerable.Range(0, 100).Select(number => Archive.File($"file{number}", ""))]);
        var options = new ImageReadOptions { Limits = Limits.Default with { FileTreeBytes = 10_000 } };
        LimitExceededException fault =
            await Assert.ThrowsAsync<LimitExceededException>(() => new ImageFileSystem([layer], options).ReadTreeAsync());
        Assert.Equal(nameof(Limits.FileTreeBytes), fault.Limit);
    }

    [Fact]
    public async Task What_is_read_to_its_end_is_verified()
    {
        byte[] tar = Archive.Of(Archive.File("a", "1"), Archive.File("b", "2"));
        byte[] other = Archive.Of(Archive.File("a", "1"), Archive.File("b", "3"));
        var layer = new MemoryLayer(tar, other);
        await Assert.ThrowsAsync<Blobs.Hashing.DigestMismatchException>(() => new ImageFileSystem([layer]).ReadTreeAsync());
        await Assert.ThrowsAsync<Blobs.Hashing.DigestMismatchException>(
            () => new ImageFileSystem([layer], new ImageReadOptions { ReadsToEnd = true }).CopyFileAsync("/a", Stream.Null));
    }

    private static async Task OfGeneratedAsync(Func<TreeNode, ImageLayer[], Task> check) =>
        await Cases.AllAsync(Gen.Select(TreeGen.Tree, TreeGen.Layer, TreeGen.Layer), 30, of => check(
            of.Item3.Upon(of.Item2.Upon(of.Item1)),
            [.. new[] { of.Item1, of.Item2, of.Item3 }.Select(tree => new MemoryLayer(Archive.Of([.. tree.Members()])))]));

    private static MemoryLayer Layer(params (TarMember Member, byte[] Payload)[] members) => new(Archive.Of(members));

    private static (TarMember Member, byte[] Payload) Link(string name, string target) =>
        Archive.Link(TarEntryType.SymbolicLink, name, target);

    private static (TarMember Member, byte[] Payload) HardLink(string name, string target) =>
        Archive.Link(TarEntryType.HardLink, name, target);

    private static async Task<string> ReadAsync(IReadOnlyList<ImageLayer> layers, string path)
    {
        using var content = new MemoryStream();
        await new ImageFileSystem(layers).CopyFileAsync(path, content);
        return Encoding.UTF8.GetString(content.ToArray());
    }

    private static async Task<byte[]> TarAsync(IReadOnlyList<ImageLayer> layers, string path = "/", string name = "")
    {
        using var tar = new MemoryStream();
        await new ImageFileSystem(layers).WriteTarAsync(tar, path, name);
        return tar.ToArray();
    }

    private static IEnumerable<string> Names(byte[] tar)
    {
        using var reader = new System.Formats.Tar.TarReader(new MemoryStream(tar));
        while (reader.GetNextEntry() is { } entry)
        {
            yield return entry.Name;
        }
    }

    private static IEnumerable<(string Path, TreeNode Node)> Files(TreeNode tree, string path) => tree.Children.SelectMany(child =>
        child.Value.Type == TarEntryType.File ? [($"{path}/{child.Key}", child.Value)] : Files(child.Value, $"{path}/{child.Key}"));

    private static IEnumerable<string> ListedLines(TreeNode tree) =>
        tree.Lines().Select(line => line[..line.LastIndexOf(' ')]).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Listed(ImageEntry entry) => Hashed(entry).Select(line => line[..line.LastIndexOf(' ')]);

    private static IEnumerable<string> Hashed(ImageEntry entry) => entry.Children.SelectMany(child =>
    {
        ImageFile file = child.File;
        byte[] content = file.LinkTarget.ToArray();
        string line = TreeNode.Line(
            Encoding.Latin1.GetString(child.GetPath())[1..],
            file.Type,
            file.Type == TarEntryType.SymbolicLink ? 0 : file.Mode,
            $"{file.Uid}:{file.Gid}",
            content);
        if (file.Type == TarEntryType.File)
        {
            string hash = file.Content is { } digest ? digest.Hex[..8] : "";
            line = string.Join(' ', line.Split(' ')[..^2].Append($"{file.Size}").Append(hash));
        }

        return Hashed(child).Prepend(line);
    });
}
