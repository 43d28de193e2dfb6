using System.Text;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Images;

public sealed class LayerFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_directory_is_listed_in_bytewise_order_and_owned_by_root()
    {
        Tree();
        Assert.Equal(
            [
                "d 755 0:0 0 srv/",
                "d 755 0:0 5 srv/app/",
                "- 644 0:0 5 srv/app/A",
                "d 755 0:0 5 srv/app/a/",
                "- 600 0:0 5 srv/app/a/x",
                "- 644 0:0 5 srv/app/a-b",
                "h 644 0:0 5 srv/app/hard -> srv/app/A",
                "l 777 0:0 5 srv/app/link -> a/x",
            ],
            Lines(LayerFiles.At(_folder["tree"], "/srv/app", new LayerFilesOptions { DescribesStandardDirectories = true, LatestTime = Time(5) })));
    }

    [Fact]
    public void Directories_of_every_base_image_are_not_described()
    {
        Tree();
        string[] lines = Lines(LayerFiles.At(_folder["tree"], "/usr/local/lib/app", new LayerFilesOptions { LatestTime = Time(5) }));
        Assert.Equal("d 755 0:0 5 usr/local/lib/app/", lines[0]);
        Assert.StartsWith("- 644 0:0 5 A", Lines(LayerFiles.At(_folder["tree"], "/", new LayerFilesOptions { LatestTime = Time(5) }))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/srv/", "srv/f")]
    [InlineData("/srv/g", "srv/g")]
    [InlineData("/", "f")]
    public void A_file_keeps_its_name_below_a_destination_that_ends_in_a_slash(string destination, string name)
    {
        string file = _folder.Write("f", "content");
        LayerEntry entry = Assert.Single(LayerFiles.At(file, destination));
        Assert.Equal(name, Encoding.UTF8.GetString(entry.Header.Name));
    }

    [Fact]
    public void A_directory_above_two_sources_is_described_once()
    {
        string one = _folder.Write("one", "1"), two = _folder.Write("two", "2");
        Assert.Equal(
            ["app", "app/bin", "app/bin/one", "app/bin/two"],
            LayerFiles.At([(one, "/app/bin/"), (two, "/app/bin/")]).Select(entry => Encoding.UTF8.GetString(entry.Header.Name).TrimEnd('/')));
    }

    [Theory]
    [InlineData("/srv/../etc")]
    [InlineData("/./srv")]
    [InlineData("/srv//app")]
    public void A_destination_outside_the_image_is_refused(string destination) =>
        Assert.Throws<ArgumentException>(() => LayerFiles.At(_folder.Path, destination));

    [Theory]
    [InlineData("tree")]
    [InlineData("tree/")]
    [InlineData("tree/.")]
    public void A_directory_may_end_in_a_slash(string source)
    {
        Tree();
        Assert.Equal(6, LayerFiles.At(_folder[source], "/srv").Count(entry => !entry.Header.Name.AsSpan().SequenceEqual("srv/"u8)));
    }

    [Fact]
    public void A_source_that_is_not_there_is_named() =>
        Assert.Contains("no such file", Assert.Throws<StoreException>(() => LayerFiles.At(_folder["nothing"], "/").Count()).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_read_fails_the_layer()
    {
        string file = _folder.Write("f", "content");
        IEnumerable<LayerEntry> entries = LayerFiles.At(file, "/f").Select(entry =>
        {
            File.WriteAllText(file, "c");
            return entry;
        });
        await Assert.ThrowsAsync<StoreException>(() => NewLayer.FromEntries(entries).EncodeAsync(Stream.Null, new LayerEncodeOptions()));
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_layer_has_the_same_bytes_each_time_and_on_any_number_of_threads(CompressionKind compression)
    {
        Tree();
        await File.WriteAllBytesAsync(_folder["tree/large"], Enumerable.Range(0, 3 << 20).Select(i => (byte)(i * i >> 7)).ToArray());
        NewLayer layer = NewLayer.FromDirectory(_folder["tree"], "/srv");
        var digests = new HashSet<Digest>();
        foreach (int threads in (int[])[1, 2, 5, 1])
        {
            var options = new LayerEncodeOptions { Compression = compression, Encoder = new EncoderOptions { Threads = threads } };
            digests.Add((await layer.EncodeAsync(Stream.Null, options)).Digest);
        }

        Assert.Single(digests);
    }

    // Written down, so that a later version does not change everybody's digests unnoticed.
    [Fact]
    public async Task The_digest_of_a_small_layer_is_the_one_written_down()
    {
        NewLayer layer = NewLayer.FromEntries([LayerEntry.Directory("/a"), LayerEntry.File("/a/b", "b\n"), LayerEntry.SymbolicLink("/a/c", "b"), LayerEntry.Whiteout("/etc/d")]);
        EncodedLayer plain = await layer.EncodeAsync(Stream.Null, new LayerEncodeOptions());
        Assert.Equal("sha256:3610115fa66993f548eacaae8d71607ee45954401506f1d9445b5e38799926b8", $"{plain.DiffId}");
    }

    private void Tree()
    {
        _folder.Write("tree/A", "A");
        _folder.Write("tree/a/x", "x");
        _folder.Write("tree/a-b", "b");
        File.SetUnixFileMode(_folder["tree/a/x"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(_folder["tree/link"], "a/x");
        using DirectoryHandle tree = DirectoryHandle.Open(_folder["tree"]);
        Assert.Equal(0, tree.MakeLink("hard\0"u8, tree, "A\0"u8));
    }

    private static DateTimeOffset Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static string[] Lines(IEnumerable<LayerEntry> entries) => [.. entries.Select(entry => entry.Header).Select(header =>
    {
        char type = header.Type switch
        {
            TarEntryType.Directory => 'd',
            TarEntryType.SymbolicLink => 'l',
            TarEntryType.HardLink => 'h',
            _ => '-',
        };
        string link = header.LinkName.Length > 0 ? $" -> {Encoding.UTF8.GetString(header.LinkName)}" : "";
        return $"{type} {Convert.ToString(header.Mode, 8)} {header.Uid}:{header.Gid} {header.ModifiedTime.Seconds} {Encoding.UTF8.GetString(header.Name)}{link}";
    })];
}
