using System.Text;
using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Erofs;

/// <summary>What each kind of entry becomes, and what is refused.</summary>
public sealed class ErofsWriterTests
{
    private static readonly (TarMember, byte[]) File = Archive.File("f", "content");

    public static TheoryData<ErofsLayout> Layouts => [ErofsLayout.Plain, ErofsLayout.Tar];

    [Fact]
    public async Task A_whiteout_is_a_device_and_its_directory_is_marked_for_overlayfs()
    {
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of(Archive.Directory("d/"), Archive.File("d/.wh.gone", "ignored"), File));
        Assert.True(dump.Nodes["d/gone"].IsWhiteout);
        Assert.Equal(["trusted.overlay.origin="], dump.Nodes["d"].Xattrs);
        Assert.Empty(dump.Root.Xattrs);
        Assert.Equal("content", dump.Nodes["f"].Text);
    }

    [Fact]
    public async Task An_opaque_whiteout_stays_when_its_directory_comes_later()
    {
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of(
            Archive.File("d/.wh..wh..opq", ""), (Archive.Directory("d/").Member with { Mode = 0b111_000_000, Uid = 7 }, [])));
        Assert.True(dump.Nodes["d"].IsOpaque);
        Assert.Equal(7u, dump.Nodes["d"].Uid);
        Assert.Equal(["d"], dump.Nodes.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whiteout_does_not_hide_an_entry_of_its_own_layer(bool isFirst)
    {
        (TarMember, byte[])[] whiteouts = [Archive.File(".wh.f", ""), Archive.File(".wh.d", ""), Archive.File(".wh.e", "")];
        (TarMember, byte[])[] entries = [File, Archive.Directory("d/"), Archive.File("e/inside", "")];
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of(isFirst ? [.. whiteouts, .. entries] : [.. entries, .. whiteouts]));
        Assert.Equal(["d", "e", "e/inside", "f"], dump.Nodes.Keys);
        Assert.Equal("content", dump.Nodes["f"].Text);
        Assert.True(dump.Nodes["d"].IsOpaque && dump.Nodes["e"].IsOpaque);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task The_later_of_two_entries_wins_and_a_directory_keeps_what_is_in_it(ErofsLayout layout)
    {
        ErofsDump dump = await ErofsImages.DumpAsync(
            Archive.Of(
                File,
                Archive.Link(TarEntryType.HardLink, "first", "f"),
                Archive.File("f", "other"),
                Archive.Directory("d/"),
                Archive.File("d/inside", ""),
                (Archive.Directory("./d").Member with { Gid = 9 }, []),
                Archive.Directory("e/"),
                Archive.File("e/lost", ""),
                Archive.File("e", "now a file")),
            layout);
        Assert.Equal(["d", "d/inside", "e", "f", "first"], dump.Nodes.Keys);
        Assert.Equal("content", dump.Nodes["first"].Text);
        Assert.Equal("other", dump.Nodes["f"].Text);
        Assert.Equal("now a file", dump.Nodes["e"].Text);
        Assert.Equal(9u, dump.Nodes["d"].Gid);
    }

    [Fact]
    public async Task A_missing_directory_is_like_its_parent_until_its_own_entry_comes()
    {
        TarMember parent = Archive.Directory("a/").Member with { Uid = 5, Gid = 6, ModifiedTime = new UnixTime(77, 8), Mode = 0b111_000_000 };
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of((parent, []), Archive.File("a/b/c/f", "")));
        Assert.Equal((5u, 6u, new UnixTime(77, 8), 0b111_101_101), Seen("a/b/c"));
        dump = await ErofsImages.DumpAsync(Archive.Of((parent, []), Archive.File("a/b/f", ""), Archive.Directory("a/b")));
        Assert.Equal((0u, 0u, default(UnixTime), 0b111_101_101), Seen("a/b"));

        (uint, uint, UnixTime, int) Seen(string path) =>
            (dump.Nodes[path].Uid, dump.Nodes[path].Gid, dump.Nodes[path].Time, dump.Nodes[path].Mode & 0xfff);
    }

    [Theory]
    [InlineData("usr/lib")]
    [InlineData("/usr/lib")]
    [InlineData("../../usr/./lib")]
    [InlineData("usr/bin/../lib")]
    public async Task Links_on_the_way_are_followed_inside_the_layer(string target)
    {
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of(
            Archive.Directory("usr/lib/"),
            Archive.Directory("usr/bin/"),
            Archive.Link(TarEntryType.SymbolicLink, "lib", target),
            Archive.File("lib/deep/f", "content"),
            Archive.Link(TarEntryType.HardLink, "lib/g", "lib/deep/f")));
        Assert.Equal("content", dump.Nodes["usr/lib/deep/f"].Text);
        Assert.Equal(dump.Nodes["usr/lib/deep/f"].Nid, dump.Nodes["usr/lib/g"].Nid);
        Assert.Equal(2u, dump.Nodes["usr/lib/g"].Links);
        Assert.Equal(target, dump.Nodes["lib"].Text);
    }

    [Fact]
    public async Task A_changed_link_leads_elsewhere_at_once()
    {
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of(
            Archive.Directory("a/"),
            Archive.Directory("b/"),
            Archive.Link(TarEntryType.SymbolicLink, "l", "a"),
            Archive.File("l/f", ""),
            Archive.Link(TarEntryType.SymbolicLink, "l", "b"),
            Archive.File("l/f", "")));
        Assert.Equal(["a", "a/f", "b", "b/f", "l"], dump.Nodes.Keys);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Devices_times_and_attributes_are_kept(ErofsLayout layout)
    {
        TarMember device = new()
        {
            Name = "dev"u8.ToArray(),
            Type = TarEntryType.BlockDevice,
            DeviceMajor = 4095,
            DeviceMinor = 1_048_575,
            ModifiedTime = new UnixTime(-5, 999_999_999),
            Uid = 4_294_967_294,
            Xattrs =
            [
                new("user.b", [1, 2, 3]), new("user.a", [7]), new("trusted.overlay.redirect", [1]), new("security.capability", [9]),
                new("other.kind", [1]), new("system.posix_acl_access", [2]), new("trusted.x", [4]),
            ],
        };
        ErofsDump dump = await ErofsImages.DumpAsync(Archive.Of((device, [])), layout);
        ErofsDump.Node node = dump.Nodes["dev"];
        Assert.Equal(0xffffffff, node.Device);
        Assert.Equal(new UnixTime(-5, 999_999_999), node.Time);
        Assert.Equal(4_294_967_294, node.Uid);
        Assert.Equal(
            ["security.capability=09", "system.posix_acl_access=02", "trusted.x=04", "user.a=07", "user.b=010203"], node.Xattrs);
    }

    [Fact]
    public async Task The_marks_for_overlayfs_go_among_the_other_attributes_in_order()
    {
        TarMember directory = Archive.Directory("d/").Member with
        {
            Xattrs = [new("user.z", [1]), new("trusted.a", [2]), new("trusted.z", [3]), new("security.s", [4])],
        };
        ErofsDump dump = await ErofsImages.DumpAsync(
            Archive.Of((directory, []), Archive.File("d/.wh.x", ""), Archive.File("d/.wh..wh..opq", "")));
        Assert.Equal(
            ["security.s=04", "trusted.a=02", "trusted.overlay.opaque=79", "trusted.overlay.origin=", "trusted.z=03", "user.z=01"],
            dump.Nodes["d"].Xattrs);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Large_directories_and_long_names_are_held(ErofsLayout layout)
    {
        string[] names = [.. Enumerable.Range(0, 3000).Select(i => $"{(char)(33 + (i % 14))}{i}"), new string('n', 255)];
        ErofsDump dump = await ErofsImages.DumpAsync(
            Archive.Of([.. names.Select(name => Archive.File($"d/{name}", name)), Archive.Link(TarEntryType.SymbolicLink, "l", new string('t', 4095))]),
            layout);
        Assert.All(names, name => Assert.Equal(name, dump.Nodes[$"d/{name}"].Text));
        Assert.Equal(4095, dump.Nodes["l"].Text.Length);
    }

    [Theory]
    [InlineData(Fault.LinkTarget, "h", '1', "nothing")]
    [InlineData(Fault.LinkTarget, "h", '1', "d")]
    [InlineData(Fault.LinkTarget, "h", '1', "gone")]
    [InlineData(Fault.LinkTarget, "s", '2', "")]
    [InlineData(Fault.EntryParent, "f/x", '0', "")]
    [InlineData(Fault.EntryParent, "dangling/x", '0', "")]
    [InlineData(Fault.EntryParent, "loop/x", '0', "")]
    [InlineData(Fault.EntryType, "x", 'D', "")]
    [InlineData(Fault.EntryName, "./", '0', "")]
    [InlineData(Fault.Whiteout, "d/.wh.", '0', "")]
    [InlineData(Fault.Whiteout, "d/.wh...", '0', "")]
    public async Task An_entry_that_cannot_be_is_refused(Fault fault, string name, char type, string link)
    {
        byte[] tar = Archive.Of(
            File,
            Archive.Directory("d/"),
            Archive.File(".wh.gone", ""),
            Archive.Link(TarEntryType.SymbolicLink, "dangling", "no/such"),
            Archive.Link(TarEntryType.SymbolicLink, "loop", "loop"));
        byte[] wrong = Archive.Raw((byte)type, name, [], header => Encoding.ASCII.GetBytes(link).CopyTo(header, 157));
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsImages.WriteAsync([.. tar.AsSpan(0, tar.Length - 1024), .. wrong, .. Archive.End]));
        Assert.Equal(fault, refused.Fault);
    }

    [Fact]
    public async Task A_name_longer_than_255_bytes_is_refused()
    {
        MalformedDataException refused = await Assert.ThrowsAsync<MalformedDataException>(
            () => ErofsImages.WriteAsync(Archive.Of(Archive.File(new string('n', 256), ""))));
        Assert.Equal(Fault.EntryName, refused.Fault);
    }

    [Fact]
    public async Task Limits_hold_for_directories_that_are_only_implied_and_for_attributes()
    {
        byte[] deep = Archive.Of(Archive.File(string.Join('/', Enumerable.Repeat("d", 200)), ""));
        LimitExceededException exceeded = await Assert.ThrowsAsync<LimitExceededException>(
            () => ErofsImages.WriteAsync(deep, limits: new Limits { Entries = 100 }));
        Assert.Equal(nameof(Limits.Entries), exceeded.Limit);

        TarMember heavy = Archive.File("f", "").Member with { Xattrs = [new("user.x", new byte[10_000])] };
        exceeded = await Assert.ThrowsAsync<LimitExceededException>(
            () => ErofsImages.WriteAsync(Archive.Of((heavy, [])), limits: new Limits { ErofsMetadataBytes = 9_000 }));
        Assert.Equal(nameof(Limits.ErofsMetadataBytes), exceeded.Limit);
    }

    [Fact]
    public async Task Attributes_that_do_not_fit_are_refused()
    {
        TarMember heavy = Archive.File("f", "").Member with
        {
            Xattrs = [.. Enumerable.Range(0, 5).Select(i => KeyValuePair.Create($"user.{i}", new byte[60_000]))],
        };
        MalformedDataException refused =
            await Assert.ThrowsAsync<MalformedDataException>(() => ErofsImages.WriteAsync(Archive.Of((heavy, []))));
        Assert.Equal(Fault.ErofsEntry, refused.Fault);
    }
}
