using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tests.Testing;
using Blobs.Trees;
using Blobs.Trees.Internal;

namespace Blobs.Tests.Trees;

/// <summary>The tar of an upper directory, as dockerd makes it; Blobs.Interop compares whole layers with
/// dockerd's.</summary>
public sealed class TreeArchiveTests : IDisposable
{
    private static readonly DateTime Then = new(2020, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Entries_come_in_the_order_of_a_walk_without_the_root()
    {
        Write("a/x");
        Write("a.txt");
        Write("b");
        Assert.Equal(["a/", "a/x", "a.txt", "b"], Entries().Select(entry => entry.Split(' ')[1]));
    }

    [Fact]
    public void Modes_have_permission_bits_times_whole_seconds_and_owners_numbers()
    {
        Write("d/f", "text", UnixFileMode.UserRead | UnixFileMode.SetUser);
        File.SetUnixFileMode(_folder["d"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.SetLastWriteTimeUtc(_folder["d"], Then);
        string owner = $"{CurrentUser.User}:{CurrentUser.Group}";
        Assert.Equal(
            [$"5 d/ mode=700 {owner} size=0/0 mtime=1577934245.000000000", $"0 d/f mode=4400 {owner} size=4/4 mtime=1577934245.000000000"],
            Entries());
        Assert.DoesNotContain("root\0", Encoding.ASCII.GetString(Tar()), StringComparison.Ordinal);
    }

    [Fact]
    public void Docker_before_24_adds_type_bits_to_modes_and_before_23_names_to_owners()
    {
        Root.Needed();
        Write("d/f", "text", UnixFileMode.UserRead | UnixFileMode.SetUser);
        string[] older = [.. EntryCollector.Read(Tar(DiffForm.Engine23)).Entries];
        Assert.Equal(older, EntryCollector.Read(Tar(DiffForm.Engine20)).Entries);
        Assert.Contains(" mode=40755 ", older[0], StringComparison.Ordinal);
        Assert.Contains(" mode=104400 ", older[1], StringComparison.Ordinal);

        // uname at 265, gname at 297 (POSIX ustar).
        Assert.Equal(new byte[64], Tar(DiffForm.Engine23)[265..329]);
        byte[] named = Tar(DiffForm.Engine20)[265..329];
        Assert.Equal("root\0", Encoding.ASCII.GetString(named, 0, 5));
        Assert.Equal("root\0", Encoding.ASCII.GetString(named, 32, 5));
    }

    [Fact]
    public void The_first_name_of_a_file_has_its_content_and_the_others_point_at_it()
    {
        Write("b/second", "content");
        using (DirectoryHandle root = DirectoryHandle.Open(_folder.Path))
        {
            Assert.Equal(0, root.MakeLink("a-first\0"u8, root, "b/second\0"u8));
        }

        Assert.Equal(
            ["0 a-first size=7", "5 b/ size=0", "1 b/second size=0 -> a-first"],
            Entries().Select(Short));
    }

    [Fact]
    public void Links_pipes_and_empty_files_have_headers_only()
    {
        File.CreateSymbolicLink(_folder["link"], "no/such");
        using (DirectoryHandle root = DirectoryHandle.Open(_folder.Path))
        {
            Assert.Equal(0, root.MakeNode("pipe\0"u8, FileType.Fifo | 0b110_100_100, 0, 0));
        }

        Write("zero", "");
        Assert.Equal(["2 link size=0 -> no/such", "6 pipe size=0", "0 zero size=0"], Entries().Select(Short));
    }

    [Fact]
    public void Devices_without_numbers_are_whiteouts_and_shared_ones_keep_the_name_of_the_first()
    {
        using (DirectoryHandle root = DirectoryHandle.Open(_folder.Path))
        {
            Assert.Equal(0, root.MakeNode("gone\0"u8, FileType.CharacterDevice, 0, 0));
            Assert.Equal(0, root.MakeDirectory("d\0"u8, 0b111_000_000));
            Assert.Equal(0, root.MakeLink("d/gone-too\0"u8, root, "gone\0"u8));
        }

        // The engine takes a whiteout with several names for a hard link and forgets half of it; its DiffIDs have it so.
        Assert.Equal(["5 d/ size=0", "0 d/.wh.gone-too size=0", "0 .wh.gone size=0 -> d/gone-too"], Entries().Select(Short));
        Assert.All(Entries().Skip(1), entry => Assert.Contains(" mode=600 ", entry, StringComparison.Ordinal));
    }

    [Fact]
    public void An_opaque_directory_is_followed_by_an_opaque_whiteout()
    {
        Root.Needed();
        Write("d/f");
        using (DirectoryHandle root = DirectoryHandle.Open(_folder.Path))
        {
            Assert.Equal(0, root.SetXattr("d\0"u8, "trusted.overlay.opaque\0"u8, "y"u8));
        }

        string[] entries = Entries();
        Assert.Equal(["5 d/ size=0", "0 d/.wh..wh..opq size=0", "0 d/f size=2"], entries.Select(Short));
        Assert.Contains(" mode=755 0:0 size=0/0 mtime=0.000000000", entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_capability_of_a_user_namespace_loses_its_namespace()
    {
        Root.Needed();
        Write("f");
        byte[] namespaced = [1, 0, 0, 3, 0, 0x20, 0, 0, .. new byte[12], 0xe8, 3, 0, 0];
        using (DirectoryHandle root = DirectoryHandle.Open(_folder.Path))
        {
            Assert.Equal(0, root.SetXattr("f\0"u8, TreeArchive.CapabilityZ, namespaced));
            Assert.Equal(0, root.SetXattr("f\0"u8, "user.other\0"u8, "not exported"u8));
        }

        Assert.Contains("security.capability", Entries()[0], StringComparison.Ordinal);
        Assert.DoesNotContain("user.other", Entries()[0], StringComparison.Ordinal);
        Assert.True(Tar().AsSpan().IndexOf((byte[])[1, 0, 0, 2, 0, 0x20, 0, 0, .. new byte[12], (byte)'\n']) > 0);
    }

    [Fact]
    public void A_removed_entry_is_a_whiteout_with_the_current_time()
    {
        Write("d/kept");
        string[] entries = Entries(new TreeChange("d"u8.ToArray(), IsGone: false), new TreeChange("d/gone"u8.ToArray(), IsGone: true));
        Assert.Equal(["5 d/ size=0", "0 d/.wh.gone size=0"], entries.Select(Short));
        Assert.Contains(" mode=0 0:0 ", entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_disappears_meanwhile_is_left_out() =>
        Assert.Empty(Entries(new TreeChange("no/such"u8.ToArray(), IsGone: false), new TreeChange("nor-this"u8.ToArray(), IsGone: false)));

    [Fact]
    public void An_unchanged_tree_is_the_empty_layer()
    {
        byte[] tar = Tar();
        Assert.Equal(1024, tar.Length);
        Assert.Equal(
            "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(tar)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(511)]
    [InlineData(100_000)]
    public void It_can_be_read_in_pieces_of_any_size(int bytes)
    {
        Write("a", new string('a', 1300));
        Write("b", new string('b', 512));
        byte[] whole = Tar();
        using TreeArchive archive = Open();
        Assert.Equal(whole, TarBytes.Of(archive, bytes));
    }

    [Fact]
    public void A_file_that_shrinks_is_an_error()
    {
        Write("f", new string('x', 100_000));
        using TreeArchive archive = Open();
        byte[] buffer = new byte[1000];
        Assert.Equal(buffer.Length, archive.Read(buffer));
        File.WriteAllText(_folder["f"], "shorter");
        Assert.Throws<StoreException>(() => TarBytes.Of(archive));
    }

    private void Write(string name, string text = "x\n", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string path = _folder.Write(name, text);
        File.SetUnixFileMode(path, mode);
        File.SetLastWriteTimeUtc(path, Then);
    }

    // "type name mode=… owner size=length/stored mtime=… -> link": type, name, length and link.
    private static string Short(string entry)
    {
        string[] words = entry.Split(' ');
        int arrow = Array.IndexOf(words, "->");
        return $"{words[0]} {words[1]} {words[4].Split('/')[0]}{(arrow < 0 ? "" : $" -> {words[arrow + 1]}")}";
    }

    private string[] Entries(params TreeChange[] changes) => [.. EntryCollector.Read(Tar(changes)).Entries];

    private byte[] Tar(params TreeChange[] changes) => Tar(DiffForm.Engine24, changes);

    private byte[] Tar(DiffForm form, params TreeChange[] changes)
    {
        using TreeArchive archive = Open(form, changes);
        return TarBytes.Of(archive);
    }

    private TreeArchive Open(DiffForm form = DiffForm.Engine24, params TreeChange[] changes)
    {
        DirectoryHandle root = DirectoryHandle.Open(_folder.Path);
        IEnumerable<TreeChange> all = changes.Length > 0 ? changes : TreeWalk.All(root);
        return new TreeArchive(root, all, isOverlayForm: true, form, Limits.Default);
    }
}
