using System.Buffers;
using Blobs.Compression;
using Blobs.Engine;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Pipeline;
using Blobs.Storage;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Compression;

/// <summary>bzip2 and xz, which engines take and nobody writes any more.</summary>
public sealed class LibraryDecoderTests
{
    // `seq 1 40 | xz -9e`: a stream that really is compressed.
    private const string Real =
        "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4ABuAE5dABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jIqVQO/D0q0wbXZkQ9VmSmzT3Xxx9E9BjgD7++BfrFAAAAAD+WfNT6/uHLAAFqb89KmWIftvN9AQAAAAAEWVo=";

    public static TheoryData<string> Formats => ["bzip2", "xz"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_layer_is_taken_and_its_blob_kept_as_it_came(string format)
    {
        using var fixture = new StoreFixture();
        byte[] tar = Archive.Of(Archive.File("f", new byte[300_000]), Archive.File("g", "text"));
        byte[] blob = Compress(format, tar);
        var blobs = new BlobStore(fixture.Root);
        await using IBlobUpload upload = blobs.BeginUpload();
        LayerIngestResult result = await fixture.Store.IngestAsync(new MemoryStream(blob), new LayerIngestOptions { Blob = upload });
        Assert.Equal(format, $"{result.Summary.Compression}", ignoreCase: true);
        Assert.Equal((Digest.OfSha256(blob), $"{Digest.OfSha256(tar)}"), (result.Summary.Digest, $"{result.Layer.DiffId}"));
        await using Stream kept = blobs.OpenRead(result.Summary.Digest);
        Assert.Equal(blob.Length, kept.Length);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Archives_and_their_layers_may_be_compressed_so(string format)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SampleImage sample = SampleImage.Of("one", "two");
        byte[] inside = sample.DockerArchive(compress: layer => Compress(format, layer));
        byte[][] archives = [inside, Compress(format, sample.DockerArchive()), Compress(format, inside)];
        for (int i = 0; i < archives.Length; i++)
        {
            foreach (string driver in (string[])["overlay2", "vfs"])
            {
                EngineRoot root = EngineRoot.Open(folder[$"{driver}{i}"], new EngineOptions { Driver = driver });
                IReadOnlyList<TakenImage> taken = await ImageLoader.LoadAsync(root, new MemoryStream(archives[i]), "archive");
                Assert.Equal(sample.Config.Id, Assert.Single(taken).Id);
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 1000)]
    [InlineData(1000, 1)]
    public void Any_pieces_and_any_room_will_do(int pieceBytes, int roomBytes)
    {
        byte[] plain = [.. Enumerable.Range(0, 3000).Select(value => (byte)(value * value))];
        foreach (string format in (string[])["bzip2", "xz"])
        {
            byte[] stream = [.. Compress(format, plain), .. Compress(format, plain)];
            using IDecoder decoder = Decoders.Create(format == "xz" ? CompressionKind.Xz : CompressionKind.Bzip2, Limits.Default);
            var target = new MemoryStream();
            byte[] room = new byte[roomBytes];
            OperationStatus status = OperationStatus.NeedMoreData;
            for (int position = 0; status != OperationStatus.Done;)
            {
                int length = Math.Min(pieceBytes, stream.Length - position);
                status = decoder.Decode(stream.AsSpan(position, length), room, 0, length == 0, out int consumed, out int written);
                Assert.NotEqual(OperationStatus.InvalidData, status);
                position += consumed;
                target.Write(room, 0, written);
            }

            Assert.Equal([.. plain, .. plain], target.ToArray());
        }
    }

    [Fact]
    public void A_stream_of_the_real_program_is_read()
    {
        byte[] stream = Convert.FromBase64String(Real);
        Assert.Equal(string.Concat(Enumerable.Range(1, 40).Select(number => $"{number}\n")), System.Text.Encoding.ASCII.GetString(TrailingDataTests.Decode("xz", stream, 10)));
    }

    [Fact]
    public void Blocks_follow_one_another_and_streams_may_have_zeros_between_them()
    {
        byte[] plain = [.. Enumerable.Range(0, 200_000).Select(value => (byte)(value / 3))];
        byte[] stream = [.. XzStream.Of(plain, blocks: 5), 0, 0, 0, 0, .. XzStream.Of(plain[..1000], blocks: 1)];
        Assert.Equal([.. plain, .. plain[..1000]], TrailingDataTests.Decode("xz", stream, 777));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_stream_that_ends_early_is_said_to(string format)
    {
        byte[] stream = Compress(format, new byte[700]);
        for (int length = format == "xz" ? 6 : 3; length < stream.Length; length++)
        {
            MalformedDataException fault = Assert.Throws<MalformedDataException>(() => TrailingDataTests.Decode(format, stream[..length], 100));
            Assert.True(fault.Fault == Fault.TruncatedStream, $"{length} of {stream.Length}: {fault.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_changed_bit_is_refused_or_changes_nothing(string format)
    {
        byte[] plain = [.. Enumerable.Range(0, 1500).Select(value => (byte)(value % 50))];
        byte[] stream = Compress(format, plain);
        for (int bit = 8 * CompressionDetector.PrefixBytes; bit < 8 * stream.Length; bit += 11)
        {
            byte[] changed = [.. stream];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                Assert.Equal(plain, TrailingDataTests.Decode(format, changed, 100));
            }
            catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData(39)]
    [InlineData(40)]
    [InlineData(31)]
    public void A_window_that_is_too_large_meets_its_limit_first(byte coded)
    {
        LimitExceededException fault = Assert.Throws<LimitExceededException>(
            () => TrailingDataTests.Decode("xz", XzStream.Of([1, 2, 3], coded), 100));
        Assert.Equal(nameof(Limits.XzWindowBytes), fault.Limit);
    }

    [Fact]
    public void An_index_that_counts_other_blocks_is_refused()
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => TrailingDataTests.Decode("xz", XzStream.Of([1, 2, 3], records: 100), 100));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains("its index counts 100 blocks, and there are 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decoder_may_be_left_in_the_middle()
    {
        using IDecoder decoder = Decoders.Create(CompressionKind.Xz, Limits.Default);
        decoder.Decode(XzStream.Of(new byte[1000]).AsSpan(0, 100), new byte[10], 0, isFinal: false, out _, out _);
    }

    [Fact]
    public async Task Limits_hold_for_what_comes_out()
    {
        byte[] stream = Bzip2Stream.Of(new byte[200 << 20]);
        await Assert.ThrowsAsync<LimitExceededException>(() => LayerPipeline.RunAsync(
            new MemoryStream(stream), new LayerPipelineOptions { Limits = new Limits { UncompressedBytes = 1 << 20 } }));
    }

    [Theory]
    [InlineData("LZIP\u0001\u0000", "lzip")]
    [InlineData("\u0004\u0022M\u0018xx", "lz4")]
    public void What_nobody_reads_is_named(string prefix, string name)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => CompressionDetector.Detect(System.Text.Encoding.Latin1.GetBytes(prefix)));
        Assert.Equal(Fault.UnsupportedCompression, fault.Fault);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Compress(string format, byte[] plain) => format == "xz" ? XzStream.Of(plain) : Bzip2Stream.Of(plain);
}
