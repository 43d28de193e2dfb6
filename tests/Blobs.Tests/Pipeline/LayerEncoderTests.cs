using System.IO.Compression;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Pipeline;

public sealed class LayerEncoderTests
{
    public static TheoryData<CompressionKind, int> Lengths
    {
        get
        {
            var data = new TheoryData<CompressionKind, int>();
            foreach (CompressionKind kind in (CompressionKind[])[CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstd])
            {
                foreach (int length in (int[])[0, 1000, 256 << 10, 1 << 20, 4 << 20, (4 << 20) + 1, 14_000_000])
                {
                    data.Add(kind, length);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Bytes_depend_neither_on_threads_nor_on_how_they_come(CompressionKind kind, int length)
    {
        byte[] plain = Noise(length);
        byte[] expected = kind == CompressionKind.None ? plain : EncodeAlone(plain, kind);
        foreach (int threads in (int[])[1, 2, 5])
        {
            var options = new LayerEncodeOptions { Compression = kind, Encoder = new EncoderOptions { Threads = threads } };
            var target = new MemoryStream();
            EncodedLayer written = await LayerEncoder.EncodeAsync(new Source(plain), target, options, default);
            Assert.Equal(expected, target.ToArray());
            Assert.Equal(Digest.OfSha256(expected), written.Digest);
            Assert.Equal(Digest.OfSha256(plain), written.DiffId.ToDigest());
            Assert.Equal((expected.Length, length), (written.Length, written.TarLength));
            Assert.Equal(written, await LayerEncoder.EncodeAsync(new ChunkedStream(plain, 77_777), Stream.Null, options));
        }
    }

    [Fact]
    public async Task A_known_digest_is_found_again_without_hashing_the_tar()
    {
        byte[] plain = Noise(3_000_000);
        var options = new LayerEncodeOptions { Compression = CompressionKind.Gzip };
        EncodedLayer first = await LayerEncoder.EncodeAsync(new Source(plain), Stream.Null, options, default);
        EncodedLayer second = await LayerEncoder.EncodeAsync(
            new Source(plain), Stream.Null, options with { ExpectedDigest = first.Digest }, default);
        Assert.Equal(first with { DiffId = default }, second);
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    public async Task A_layer_is_checked_while_it_is_compressed_in_another_way(CompressionKind kind)
    {
        byte[] tar = Archive.Of(Archive.File("a", new string('x', 3_000_000)), Archive.File("b", "y"));
        byte[] blob = GZipped(tar);
        var target = new MemoryStream();
        var input = new LayerPipelineOptions
        {
            ExpectedDigest = Digest.OfSha256(blob),
            ExpectedDiffId = DiffId.Parse($"{Digest.OfSha256(tar)}"),
        };
        EncodedLayer written = await LayerEncoder.RecodeAsync(
            new MemoryStream(blob), target, input, new LayerEncodeOptions { Compression = kind });
        Assert.Equal(kind == CompressionKind.None ? tar : EncodeAlone(tar, kind), target.ToArray());
        Assert.Equal(Digest.OfSha256(target.ToArray()), written.Digest);
        Assert.Equal(input.ExpectedDiffId, written.DiffId);
        Assert.Equal((target.Length, tar.Length), (written.Length, written.TarLength));

        await Assert.ThrowsAsync<DigestMismatchException>(() => LayerEncoder.RecodeAsync(
            new MemoryStream(blob),
            Stream.Null,
            input with { ExpectedDiffId = DiffId.Empty },
            new LayerEncodeOptions { Compression = kind }));
        await Assert.ThrowsAsync<MalformedDataException>(() => LayerEncoder.RecodeAsync(
            new MemoryStream(blob[..^20]), Stream.Null, input, new LayerEncodeOptions { Compression = kind }));
    }

    [Theory]
    [InlineData(CompressionKind.None)]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstd)]
    public async Task The_first_fault_wins_whichever_side_has_it(CompressionKind kind)
    {
        var options = new LayerEncodeOptions { Compression = kind };
        byte[] plain = Noise(50_000_000);
        StoreException source = await Assert.ThrowsAsync<StoreException>(
            () => LayerEncoder.EncodeAsync(new Source(plain, failsAt: 30_000_000), Stream.Null, options, default));
        Assert.Equal("the source failed", source.Message);

        IOException target = await Assert.ThrowsAsync<IOException>(
            () => LayerEncoder.EncodeAsync(new Source(plain), new FullStream(20_000_000), options, default));
        Assert.Equal("the target is full", target.Message);

        byte[] layer = GZipped(Archive.Of(Archive.File("a", Convert.ToHexString(plain))));
        target = await Assert.ThrowsAsync<IOException>(
            () => LayerEncoder.RecodeAsync(new MemoryStream(layer), new FullStream(10_000_000), null, options));
        Assert.Equal("the target is full", target.Message);
    }

    [Fact]
    public async Task A_run_whose_target_blocks_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var target = new StalledStream();
        Task run = LayerEncoder.EncodeAsync(new Source(Noise(50_000_000)), target, new LayerEncodeOptions(), stop.Token);
        await target.Stalled;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Nothing_else_is_written()
    {
        var options = new LayerEncodeOptions { Compression = CompressionKind.Xz };
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => LayerEncoder.EncodeAsync(new Source([]), Stream.Null, options, default));
    }

    private static byte[] Noise(int length)
    {
        byte[] plain = new byte[length];
        new Random(length).NextBytes(plain.AsSpan(length / 2));
        return plain;
    }

    private static byte[] EncodeAlone(byte[] plain, CompressionKind kind)
    {
        var sink = new ByteCollector();
        using var encoder = new BlockEncoder(sink, kind);
        foreach (byte[] piece in plain.Chunk(77_777))
        {
            encoder.Write(piece);
        }

        encoder.Complete();
        using var decoded = DecodingStream.Open(new MemoryStream(sink.ToArray()), kind);
        var back = new MemoryStream();
        decoded.CopyTo(back);
        Assert.Equal(plain, back.ToArray());
        return sink.ToArray();
    }

    private static byte[] GZipped(byte[] bytes)
    {
        var blob = new MemoryStream();
        using (var gzip = new GZipStream(blob, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return blob.ToArray();
    }

    private sealed class Source(byte[] bytes, int failsAt = int.MaxValue) : ITarSource
    {
        private int _position;

        public int Read(Span<byte> target)
        {
            if (_position >= failsAt)
            {
                throw new StoreException("source", "the source failed");
            }

            int read = Math.Min(target.Length, bytes.Length - _position);
            bytes.AsSpan(_position, read).CopyTo(target);
            _position += read;
            return read;
        }
    }

    private sealed class FullStream(int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > room)
            {
                throw new IOException("the target is full");
            }

            base.Write(buffer);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StalledStream : MemoryStream
    {
        private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stalled => _stalled.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _stalled.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
