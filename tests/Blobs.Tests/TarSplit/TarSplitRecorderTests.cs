using System.Security.Cryptography;
using System.Text;
using Blobs.Errors;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.TarSplit;

/// <summary>Compares recordings with those of vbatts/tar-split. They were made by Debian's 0.11.2, without its last, empty segment,
/// which 0.11.4 no longer writes.</summary>
public sealed class TarSplitRecorderTests
{
    [Fact]
    public void Records_one_file_as_upstream_does()
    {
        byte[] archive = Archive.Of(Archive.File("a.txt", "hello\n"));
        Assert.Equal("e78d4d93616e3d77d93074d6c06b917e239a0acbf6550cc760232155dca4942c", Sha256(archive));
        byte[] recording = Recording.Of(archive);
        Assert.Equal(2871, recording.Length);
        Assert.Equal("de42fc4456adcb34221222e701a10915ebf5e48bbefd53e977ebfaf102cc3d88", Sha256(recording));
        string[] lines = Encoding.UTF8.GetString(recording).Split('\n');
        Assert.Equal("{\"type\":1,\"name\":\"a.txt\",\"size\":6,\"payload\":\"YUw+7uLYEAA=\",\"position\":1}", lines[1]);
    }

    [Fact]
    public void Records_directories_links_and_empty_files_as_upstream_does()
    {
        byte[] archive = Archive.Of(
            Archive.Directory("d/"),
            Archive.File("d/e", ""),
            Archive.File("d/f", "abc"),
            Archive.Link(TarEntryType.SymbolicLink, "d/l", "f"),
            (Archive.Link(TarEntryType.HardLink, "d/h", "d/f").Member with { Mode = 0b110_100_100 }, []));
        Assert.Equal("291da9474bd539152352d5a4bb6f054a34451d0187550f22aa3823dfd0f196b3", Sha256(archive));
        Expect(archive, 5969, "a372918519303bd41e39d41d6dc44d9f5fc995aa40b2d9c6c36b9f24756ed488");
    }

    [Fact]
    public void Keeps_pax_records_in_the_segment_of_their_member()
    {
        byte[] archive =
        [
            .. Archive.Raw((byte)'x', "PaxHeaders.0/a", "14 path=xxxxx\n"u8.ToArray()),
            .. Archive.Of(Archive.File("a", "hi")),
        ];
        Assert.Equal("a36793e7fd8e4f9896eeee5efac223f8c6edb7802645f6362e38e9a41bc7d3d5", Sha256(archive));
        Expect(archive, 4243, "dec514881267f94e91defb35907d94bbefe65e4b5b266a801c99deb4efe181e6");
    }

    [Fact]
    public void Records_a_global_extension_as_a_file_without_content()
    {
        byte[] archive =
        [
            .. Archive.Raw((byte)'g', "pax_global_header", "16 comment=0123\n"u8.ToArray()),
            .. Archive.Of(Archive.File("a", "hi")),
        ];
        Assert.Equal("4d9f295f6d229c04e801876eb5ebcb8199f0984daaad32037a8f27b11b65e69d", Sha256(archive));
        Expect(archive, 4342, "4e1020c3799c06a1d1a24e8b341c33b208626cb6653960725934cc39380a5a20");
    }

    [Fact]
    public void Names_that_are_not_utf8_are_kept_raw()
    {
        byte[] directory = Archive.Raw((byte)'5', "caf\u00e9dir/", []);
        byte[] archive = [.. Archive.Raw((byte)'0', "caf\u00e9", "hi"u8.ToArray()), .. directory, .. Archive.End];
        Expect(Latin1(archive), 3672, "f69a3f0f5b3fad03d07d02a41b04b7b7c3ee97f4f277fc43e635f4bf1ac4562b");
    }

    [Fact]
    public void Escapes_names_as_go_does()
    {
        byte[] name = Encoding.UTF8.GetBytes("a<b>&c\"d\\e\tf\u0001\u007fU+2028\u2028\u00e9");
        byte[] archive = Archive.Of(TarFormat.Gnu, (new TarMember { Name = name }, []));
        string line = Encoding.UTF8.GetString(Recording.Of(archive)).Split('\n')[1];
        Assert.Contains("\"name\":\"a\\u003cb\\u003e\\u0026c\\\"d\\\\e\\tf\\u0001\u007fU+2028\\u2028\u00e9\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recording_of_an_empty_stream_is_empty() => Assert.Empty(Recording.Of([]));

    [Fact]
    public void Records_the_empty_layer_as_one_segment() =>
        Assert.Equal(1, Recording.Of(new byte[1024]).Count(value => value == '\n'));

    [Fact]
    public void Cuts_a_long_tail_into_segments_of_one_mebibyte()
    {
        byte[] archive = [.. new byte[1024], .. new byte[(2 << 20) + 5]];
        Assert.Equal(4, Recording.Of(archive).Count(value => value == '\n'));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "./a")]
    [InlineData("a/", "a")]
    [InlineData("a//b", "a/./b")]
    public void Rejects_two_entries_with_the_same_name(string first, string second)
    {
        byte[] archive = [.. Archive.Raw((byte)'0', first, []), .. Archive.Raw((byte)'0', second, []), .. Archive.End];
        MalformedDataException error = Assert.Throws<MalformedDataException>(() => Recording.Of(archive));
        Assert.Equal(Fault.DuplicateName, error.Fault);
        Assert.Equal(512, error.Offset);
    }

    [Fact]
    public void A_whiteout_and_the_name_that_it_deletes_are_not_duplicates() =>
        Recording.Of([.. Archive.Raw((byte)'0', "x", []), .. Archive.Raw((byte)'0', ".wh.x", []), .. Archive.End]);

    private static byte[] Latin1(byte[] archive)
    {
        Assert.Equal("464f17ad357d4ed292f293d6df3920d4d55459335594b2d1530edc8c2aa4f850", Sha256(archive));
        return archive;
    }

    private static void Expect(byte[] archive, int length, string sha256)
    {
        byte[] recording = Recording.Of(archive);
        Assert.Equal(length, recording.Length);
        Assert.Equal(sha256, Sha256(recording));
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
