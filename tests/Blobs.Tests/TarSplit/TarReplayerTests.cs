using System.Text;
using Blobs.Errors;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.TarSplit;

public sealed class TarReplayerTests
{
    [Fact]
    public void Replaying_a_recording_rebuilds_the_archive() =>
        Gen.Select(TarGen.Members, Gen.Int[1, 3000], Gen.Int[1, 5000], Gen.Byte.Array[0, 700]).Sample((members, pushBytes, readBytes, tail) =>
        {
            byte[] archive = [.. Archive.Of(members), .. tail];
            byte[] recording = Recording.Of(archive, pushBytes);
            return recording.AsSpan().SequenceEqual(Recording.Of(archive))
                && Recording.Replay(recording, Recording.TreeOf(archive), readBytes).AsSpan().SequenceEqual(archive);
        });

    [Fact]
    public void Sparse_entries_are_rebuilt_exactly()
    {
        byte[] map = new byte[512];
        "2\n0\n3\n100\n2\n"u8.CopyTo(map);
        byte[] archive =
        [
            .. Archive.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "102"), ("GNU.sparse.name", "s")),
            .. Archive.Raw((byte)'0', "GNUSparseFile.0/s", [.. map, .. "abcde"u8]),
            .. Archive.Of(Archive.File("b", "content")),
        ];
        byte[] recording = Recording.Of(archive);
        Dictionary<string, byte[]> tree = Recording.TreeOf(archive);
        tree[Convert.ToHexString("s"u8)] = new byte[102];
        Assert.Equal(archive, Recording.Replay(recording, tree));
        Assert.Contains("{\"type\":1,\"name\":\"s\",\"payload\":null,\"position\":1}", Encoding.UTF8.GetString(recording), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('1')]
    [InlineData('5')]
    public void Sizes_in_header_only_entries_are_rebuilt_exactly(char type)
    {
        byte[] archive =
        [
            .. Archive.Raw((byte)type, "x", [], block => "00000001000"u8.CopyTo(block.AsSpan(124))),
            .. Archive.Of(Archive.File("b", "content")),
        ];
        Assert.Equal(archive, Recording.Replay(Recording.Of(archive), Recording.TreeOf(archive)));
    }

    [Fact]
    public void Whiteouts_with_content_are_rebuilt_exactly()
    {
        byte[] archive = Archive.Of(Archive.File("d/.wh.x", "never in a tree"), Archive.File("b", "content"));
        Dictionary<string, byte[]> tree = Recording.TreeOf(archive);
        tree.Remove(Convert.ToHexString("d/.wh.x"u8));
        Assert.Equal(archive, Recording.Replay(Recording.Of(archive), tree));
    }

    [Theory]
    [InlineData("content", "Content", "CRC-64")]
    [InlineData("content", "content and more", "longer")]
    [InlineData("content", "cont", "4 bytes long")]
    [InlineData("content", "", "0 bytes long")]
    public void The_error_for_a_changed_file_names_it(string recorded, string found, string how)
    {
        byte[] archive = Archive.Of(Archive.File("dir/file", recorded));
        var tree = new Dictionary<string, byte[]> { [Convert.ToHexString("dir/file"u8)] = Encoding.UTF8.GetBytes(found) };
        MalformedDataException error = Assert.Throws<MalformedDataException>(() => Recording.Replay(Recording.Of(archive), tree));
        Assert.Equal(Fault.TarSplitChecksum, error.Fault);
        Assert.Contains("'dir/file'", error.Message, StringComparison.Ordinal);
        Assert.Contains(how, error.Message, StringComparison.Ordinal);
    }
}
