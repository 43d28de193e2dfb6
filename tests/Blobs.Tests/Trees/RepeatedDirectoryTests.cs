using System.Runtime.Versioning;
using System.Text;
using Blobs.Docker.Layers;
using Blobs.Docker.Verification;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Trees;

/// <summary>Concatenated archives repeat directories. The later header counts; no other name may be repeated.</summary>
[SupportedOSPlatform("linux")]
public sealed class RepeatedDirectoryTests
{
    public static TheoryData<string> Drivers => ["overlay2", "overlay", "vfs"];

    public static TheoryData<string, string> SameNames => new()
    {
        { "a/", "a/" }, { "a", "a/" }, { "a/", "./a" }, { "a/b/", "a/./b" }, { "a//b", "a/b/" }, { "./", "." },
    };

    [Theory]
    [MemberData(nameof(SameNames))]
    public void The_later_header_is_recorded_as_a_segment_not_as_a_file(string first, string second)
    {
        byte[] archive = Archive.Of(Archive.Directory(first), Archive.File("a/b/f", "hello"), Archive.Directory(second), Archive.File("a/b/g", "x"));
        byte[] recording = Recording.Of(archive);
        string[] lines = Encoding.ASCII.GetString(recording).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Count(line => line.Contains("\"type\":1", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains($"\"name\":\"{first}\"", StringComparison.Ordinal));
        Assert.Equal(archive, Recording.Replay(recording, Recording.TreeOf(archive)));
    }

    [Fact]
    public void A_directory_may_come_any_number_of_times_in_bounded_memory()
    {
        byte[] once = Archive.Raw((byte)'5', "d/", []);
        byte[] archive = [.. Enumerable.Repeat(once, 3000).SelectMany(header => header), .. Archive.End];
        byte[] recording = Recording.Of(archive);
        Assert.All(Encoding.ASCII.GetString(recording).Split('\n'), line => Assert.True(line.Length < 5000, $"{line.Length} characters"));
        Assert.Equal(archive, Recording.Replay(recording, Recording.TreeOf(archive)));
    }

    [Theory]
    [InlineData('0', '0')]
    [InlineData('5', '0')]
    [InlineData('0', '5')]
    [InlineData('5', '2')]
    [InlineData('2', '5')]
    [InlineData('6', '5')]
    public void Any_other_repeated_name_is_refused(char first, char second)
    {
        byte[] archive = [.. Archive.Raw((byte)first, "a", []), .. Archive.Raw((byte)second, "a", []), .. Archive.End];
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Recording.Of(archive));
        Assert.Equal((Fault.DuplicateName, 512L), (fault.Fault, fault.Offset));
    }

    [Fact]
    public void A_directory_that_became_a_file_does_not_become_one_again()
    {
        byte[] archive = [.. Archive.Raw((byte)'5', ".wh.a/", []), .. Archive.Raw((byte)'5', ".wh.a/", []), .. Archive.End];
        Assert.Equal(Fault.DuplicateName, Assert.Throws<MalformedDataException>(() => Recording.Of(archive)).Fault);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task The_later_header_gives_mode_and_time(string driver)
    {
        using var fixture = new StoreFixture(driver);
        byte[] tar = Archive.Of(
            Directory("a/", 0b111_000_000, 100),
            Archive.File("a/f", "hello"),
            Directory("a/sub/", 0b111_101_101, 50),
            Directory("./a", 0b111_101_000, 200),
            Archive.File("a/g", "more"),
            Directory("a/./sub", 0b101_101_101, 60));
        Layer layer = await fixture.AddAsync(tar);
        string tree = fixture.Store.Context.Driver.TreeOf(layer.CacheId);
        Assert.Equal((0b111_101_000, 200L), Seen(Path.Combine(tree, "a")));
        Assert.Equal((0b101_101_101, 60L), Seen(Path.Combine(tree, "a/sub")));
        await ExpectRightAsync(fixture, layer, tar);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task The_later_header_gives_owner_and_attributes(string driver)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture(driver);
        byte[] tar = Archive.Of(
            Owned("a/", 5, 6, ("user.one", "1"), ("user.both", "1")),
            Archive.File("a/f", "hello"),
            Owned("a/", 0, 0, ("user.two", "2"), ("user.both", "2")),
            Owned("b/", 0, 0),
            Owned("b/", 7, 8));
        Layer layer = await fixture.AddAsync(tar);
        using DirectoryHandle tree = DirectoryHandle.Open(fixture.Store.Context.Driver.TreeOf(layer.CacheId));
        tree.TryGetStatus("a\0"u8, out FileStatus first);
        tree.TryGetStatus("b\0"u8, out FileStatus second);
        Assert.Equal((0u, 0u, 7u, 8u), (first.User, first.Group, second.User, second.Group));
        Assert.Equal("1"u8.ToArray(), tree.GetXattr("a\0"u8, "user.one\0"u8));
        Assert.Equal("2"u8.ToArray(), tree.GetXattr("a\0"u8, "user.two\0"u8));
        Assert.Equal("2"u8.ToArray(), tree.GetXattr("a\0"u8, "user.both\0"u8));
        await ExpectRightAsync(fixture, layer, tar);
        Assert.Equal(Errno.None, tree.SetOwner("a\0"u8, 5, 6));
        Assert.Contains((await RootVerifier.RunAsync(fixture.Root)).Findings, finding => finding.Path.EndsWith("/a", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task Whiteouts_in_between_stay(string driver)
    {
        Testing.Root.Needed();
        using var fixture = new StoreFixture(driver);
        Layer below = await fixture.AddAsync(Archive.Of(Archive.Directory("a/"), Archive.File("a/old", "x"), Archive.Directory("b/"), Archive.File("b/old", "x"), Archive.File("b/kept", "x")));
        byte[] tar = Archive.Of(
            Archive.Directory("a/"), Archive.File("a/.wh..wh..opq", ""), Archive.File("a/new", "x"), Archive.Directory("a/"),
            Archive.Directory("b/"), Archive.File("b/.wh.old", ""), Archive.Directory("b"));
        Layer layer = await fixture.AddAsync(tar, below.ChainId);
        await ExpectRightAsync(fixture, layer, tar);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public async Task The_same_directory_by_another_name_counts_too(string driver)
    {
        using var fixture = new StoreFixture(driver);
        byte[] tar = Archive.Of(
            Directory("d/", 0b111_101_101, 10),
            Directory("d/x/", 0b111_101_101, 20),
            Archive.Link(TarEntryType.SymbolicLink, "link", "d"),
            Directory("link/x/", 0b111_000_000, 30));
        Layer layer = await fixture.AddAsync(tar);
        Assert.Equal((0b111_000_000, 30L), Seen(Path.Combine(fixture.Store.Context.Driver.TreeOf(layer.CacheId), "d/x")));
        await ExpectRightAsync(fixture, layer, tar);
    }

    [Fact]
    public async Task Hashing_and_scanning_accept_it()
    {
        byte[] tar = Archive.Of(Archive.Directory("a/"), Archive.File("a/f", "x"), Archive.Directory("./a/"));
        var entries = new EntryCollector();
        LayerSummary summary = await LayerPipeline.RunAsync(
            new MemoryStream(tar), new LayerPipelineOptions { Entries = entries, TarSplit = new ByteCollector() });
        Assert.Equal((DiffId.Parse($"{Digest.OfSha256(tar)}"), 3L), (summary.DiffId, summary.EntryCount));
    }

    private static async Task ExpectRightAsync(StoreFixture fixture, Layer layer, byte[] tar)
    {
        VerifyReport report = await RootVerifier.RunAsync(fixture.Root);
        Assert.Empty(report.Findings);
        Assert.Empty(report.Failures);
        using var exported = new MemoryStream();
        await fixture.Store.ExportAsync(layer.ChainId, exported);
        Assert.Equal(tar, exported.ToArray());
    }

    private static (int Mode, long Seconds) Seen(string path) =>
        ((int)File.GetUnixFileMode(path), new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds());

    private static (TarMember Member, byte[] Payload) Directory(string name, uint mode, long seconds) =>
        (Archive.Directory(name).Member with { Mode = mode, ModifiedTime = new UnixTime(seconds, 0) }, []);

    private static (TarMember Member, byte[] Payload) Owned(string name, long user, long group, params (string Name, string Value)[] xattrs) =>
        (Archive.Directory(name).Member with
        {
            Uid = user,
            Gid = group,
            Xattrs = [.. xattrs.Select(item => KeyValuePair.Create(item.Name, Encoding.ASCII.GetBytes(item.Value)))],
        }, []);
}
