using System.Buffers;
using Blobs.BlobDirectories;
using Blobs.Compression;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Pipeline;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Compression;

/// <summary>Decoding of bzip2 and xz, which engines still accept.</summary>
public sealed class SharpCompressDecoderTests
{
    public static TheoryData<string> Formats => ["bzip2", "xz"];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_layer_is_ingested_and_its_blob_is_kept_unchanged(string format)
    {
        using var fixture = new StoreFixture();
        byte[] tar = Archive.Of(Archive.File("f", new byte[300_000]), Archive.File("g", "text"));
        byte[] blob = Compress(format, tar);
        var blobs = new BlobDirectory(fixture.Root);
        await using IBlobUpload upload = blobs.BeginUpload();
        LayerIngestResult result = await fixture.Store.IngestAsync(new MemoryStream(blob), new LayerIngestOptions { Blob = upload });
        Assert.Equal(format, $"{result.Summary.Compression}", ignoreCase: true);
        Assert.Equal((Digest.OfSha256(blob), $"{Digest.OfSha256(tar)}"), (result.Summary.Digest, $"{result.Layer.DiffId}"));
        await using Stream kept = blobs.OpenRead(result.Summary.Digest);
        Assert.Equal(blob.Length, kept.Length);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Archives_and_their_layers_may_be_compressed(string format)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        SampleImage sample = SampleImage.Of("one", "two");
        byte[] inside = sample.DockerArchive(compress: layer => Compress(format, layer));
        byte[][] archives = [inside, Compress(format, sample.DockerArchive()), Compress(format, inside)];
        for (int i = 0; i < archives.Length; i++)
        {
            foreach (string driver in (string[])["overlay2", "vfs"])
            {
                DockerRoot root = DockerRoot.Open(folder[$"{driver}{i}"], new DockerRootOptions { Driver = driver });
                IReadOnlyList<TakenImage> taken = await ImageLoader.LoadAsync(new MemoryStream(archives[i]), "archive", root);
                Assert.Equal(sample.Config.Id, Assert.Single(taken).Id);
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 1000)]
    [InlineData(1000, 1)]
    public void The_result_does_not_depend_on_the_sizes_of_input_and_output(int pieceBytes, int roomBytes)
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

    // The output of `seq 1 40 | xz` with these arguments.
    [Theory]
    [InlineData("-9e", "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4ABuAE5dABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jIqVQO/D0q0wbXZkQ9VmSmzT3Xxx9E9BjgD7++BfrFAAAAAD+WfNT6/uHLAAFqb89KmWIftvN9AQAAAAAEWVo=")]
    [InlineData("-T2 --block-size=60 --check=sha256", "/Td6WFoAAArh+wyhAsA6PCEBFgBoIf4v4AA7ADJdABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jDNFZ7AAAARvQqUjI0xLL+WLPtdE6vNpnSWwcMYVJTUNmrkKGv3YsCwDAzIQEWAN+VNQzgADIAKF0AGQz9TQyet3SYsV2rE+9smOY6sNv3WvUT8BoH9ElKTcgaydtkZaXAAABDTbwfy2IL2c1mGagA1CdOuWfnc/7I2dIE9oAW7XBRfQACZjxcMwAAU5w377bp3xwCAAAAAApZWg==")]
    [InlineData("--check=none --x86 --lzma2=dict=64KiB", "/Td6WFoAAAD/EtlBAgEEACEBCADSuXTL4ABuAE5dABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jIqVQO/D0q0wbXZkQ9VmSmzT3Xxx9E9BjgD7++BfrFAAAAAAABYm/HwECqBnKeegEAAAAAAFla")]
    public void A_stream_of_the_xz_program_is_read(string arguments, string inBase64)
    {
        Assert.NotEmpty(arguments);
        byte[] stream = Convert.FromBase64String(inBase64);
        Assert.Equal(string.Concat(Enumerable.Range(1, 40).Select(number => $"{number}\n")), System.Text.Encoding.ASCII.GetString(TrailingDataTests.Decode("xz", stream, 10)));
    }

    // `seq 1 40 | xz --check=none --x86 --lzma2=dict=64KiB`, whose first chunk's coder begins at byte 30.
    [Fact]
    public void A_chunk_that_does_not_begin_with_zero_is_rejected()
    {
        byte[] stream = Convert.FromBase64String(
            "/Td6WFoAAAD/EtlBAgEEACEBCADSuXTL4ABuAE5dABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jIqVQO/D0q0wbX"
            + "ZkQ9VmSmzT3Xxx9E9BjgD7++BfrFAAAAAAABYm/HwECqBnKeegEAAAAAAFla");
        Assert.Equal(0, stream[30]);
        stream[30] = 1;
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => TrailingDataTests.Decode("xz", stream, 10));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains("a chunk does not begin with zero", fault.Message, StringComparison.Ordinal);
    }

    // "some bytes" in LZMA with an end marker, in an LZMA2 chunk that declares five bytes more, or exactly as many, or has four bytes or
    // another chunk after the marker. liblzma rejects all four.
    [Theory]
    [InlineData("/Td6WFoAAAD/EtlBAgAhAQgAAADYDyMT4AAOABRdADmbyfLnUE+kCYL02hh1//+hNAAAAAABKA8QBmTtBnKeegEAAAAAAFla")]
    [InlineData("/Td6WFoAAAD/EtlBAgAhAQgAAADYDyMT4AAJABRdADmbyfLnUE+kCYL02hh1//+hNAAAAAABKAqf8g6dBnKeegEAAAAAAFla")]
    [InlineData("/Td6WFoAAAD/EtlBAgAhAQgAAADYDyMT4AAJABhdADmbyfLnUE+kCYL02hh1//+hNAAAAAAAAAAAASwKmzdi+QZynnoBAAAAAABZWg==")]
    [InlineData("/Td6WFoAAAD/EtlBAgAhAQgAAADYDyMT4AAJABpdADmbyfLnUE+kCYL02hh1//+hNAAAAQABeHgAAAAAAAEuChlVVMsGcp56AQAAAAAAWVo=")]
    public void A_chunk_with_an_end_marker_is_rejected(string inBase64)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => TrailingDataTests.Decode("xz", Convert.FromBase64String(inBase64), 10));
        Assert.Equal(Fault.XzStream, fault.Fault);
    }

    // `seq 1 40 | xz --check=none --delta=dist=2 --lzma2=dict=64KiB`, and an undefined check.
    [Theory]
    [InlineData("/Td6WFoAAAD/EtlBAgEDAQEhAQh/enes4ABuAFtdABiCfCEEloXSjFWUTLV1uw/MFXHm0GCK67BPtJ6NYvSfPxh1qGaWTnowqtVF8lGXQNC5FaHxMBdfYF36luxr6bNTAol5YeQwNw7xp27y0Sf8gi4ysjQru66MwgAAAAABb2+Kvu4fBnKeegEAAAAAAFla", "xz: filter 3 is not supported")]
    [InlineData("/Td6WFoAAAKmS4lS", "xz: check 2 is not supported")]
    public void Features_that_the_library_does_not_support_are_not_reported_as_damage(string inBase64, string why)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => TrailingDataTests.Decode("xz", Convert.FromBase64String(inBase64), 100));
        Assert.Equal(Fault.UnsupportedCompression, fault.Fault);
        Assert.StartsWith(why, fault.Message, StringComparison.Ordinal);
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
    public void A_truncated_stream_is_reported_as_truncated(string format)
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
    public void A_flipped_bit_is_rejected_or_has_no_effect(string format)
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
                // The fault was reported, as it should be.
            }
        }
    }

    [Theory]
    [InlineData(39)]
    [InlineData(40)]
    [InlineData(31)]
    public void A_window_that_is_too_large_exceeds_the_limit_before_it_is_allocated(byte coded)
    {
        LimitExceededException fault = Assert.Throws<LimitExceededException>(
            () => TrailingDataTests.Decode("xz", XzStream.Of([1, 2, 3], coded), 100));
        Assert.Equal(nameof(Limits.XzWindowBytes), fault.Limit);
    }

    [Fact]
    public void An_index_with_a_wrong_number_of_blocks_is_rejected()
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => TrailingDataTests.Decode("xz", XzStream.Of([1, 2, 3], records: 100), 100));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains("its index counts 100 blocks, but there are 1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "its index records other sizes than its blocks have")]
    [InlineData(3, "its index records other sizes than its blocks have")]
    [InlineData(4, "its index does not match its checksum")]
    [InlineData(12, "its footer records an index of")]
    [InlineData(17, "its footer and its header have different flags")]
    public void An_index_or_footer_that_does_not_match_the_blocks_is_rejected(int changed, string why)
    {
        // The tail: an index of four bytes and its checksum, then the footer's checksum, six bytes, and the magic bytes.
        byte[] stream = XzStream.Of([.. "some bytes"u8]);
        Span<byte> tail = stream.AsSpan(stream.Length - 20);
        tail[changed] ^= 1;
        if (changed != 4)
        {
            System.IO.Hashing.Crc32.Hash(tail[..4], tail[4..]);
        }

        System.IO.Hashing.Crc32.Hash(tail[12..18], tail[8..]);
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => TrailingDataTests.Decode("xz", stream, 100));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    public void A_block_of_another_size_than_its_header_records_is_rejected(int compressed, int uncompressed)
    {
        byte[] plain = [.. "some bytes"u8];
        Assert.Equal(plain, TrailingDataTests.Decode("xz", XzStream.Of(plain, declared: (0, 0)), 100));
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => TrailingDataTests.Decode("xz", XzStream.Of(plain, declared: (compressed, uncompressed)), 100));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains("a block does not have the size that its header records", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(89)]
    [InlineData(5)]
    [InlineData(224)]
    public void Properties_that_LZMA2_does_not_allow_are_rejected(byte properties)
    {
        byte[] stream = XzStream.Of([.. "some bytes"u8]);

        // The first chunk, after the headers of the stream and the block.
        byte[] chunk = [0xe0, 0, 9, 0, 6, properties];
        chunk.CopyTo(stream, 24);
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => TrailingDataTests.Decode("xz", stream, 100));
        Assert.Equal(Fault.XzStream, fault.Fault);
        Assert.Contains("a chunk has properties that LZMA2 does not allow", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decoder_can_be_disposed_in_the_middle_of_a_stream()
    {
        using IDecoder decoder = Decoders.Create(CompressionKind.Xz, Limits.Default);
        decoder.Decode(XzStream.Of(new byte[1000]).AsSpan(0, 100), new byte[10], 0, isFinal: false, out _, out _);
    }

    [Fact]
    public async Task Limits_apply_to_the_output()
    {
        byte[] stream = Bzip2Stream.Of(new byte[200 << 20]);
        await Assert.ThrowsAsync<LimitExceededException>(() => LayerPipeline.RunAsync(
            new MemoryStream(stream), new LayerPipelineOptions { Limits = new Limits { UncompressedBytes = 1 << 20 } }));
    }

    [Theory]
    [InlineData("LZIP\u0001\u0000", "lzip")]
    [InlineData("\u0004\u0022M\u0018xx", "lz4")]
    public void An_unsupported_compression_is_named(string prefix, string name)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => CompressionDetector.Detect(System.Text.Encoding.Latin1.GetBytes(prefix)));
        Assert.Equal(Fault.UnsupportedCompression, fault.Fault);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    private static byte[] Compress(string format, byte[] plain) => format == "xz" ? XzStream.Of(plain) : Bzip2Stream.Of(plain);
}
