using System.IO.Compression;
using Blobs.Errors;
using Blobs.Pipeline;
using Blobs.Tests.Testing;
using ZstdSharp;

namespace Blobs.Tests.Hostile;

/// <summary>Both sides of the limits of a layer: what is just allowed is taken, and one more is refused by the limit's own name.</summary>
public sealed class LimitsTests
{
    // The ratio means nothing for small streams.
    private const int RatioFloorBytes = 64 << 20;

    [Fact]
    public Task A_name_may_be_so_long() => BothSides(
        Archive.Of(Archive.File(new string('n', 300), "x")),
        nameof(Limits.NameBytes),
        new Limits { NameBytes = 300 },
        new Limits { NameBytes = 299 });

    [Fact]
    public Task There_may_be_so_many_entries() => BothSides(
        Archive.Of(Archive.File("a", "x"), Archive.File("b", "x"), Archive.File("c", "x")),
        nameof(Limits.Entries),
        new Limits { Entries = 3 },
        new Limits { Entries = 2 });

    [Fact]
    public async Task A_layer_may_be_so_large()
    {
        byte[] layer = Archive.Of(Archive.File("f", new byte[1 << 20]));
        await BothSides(
            layer,
            nameof(Limits.UncompressedBytes),
            new Limits { UncompressedBytes = layer.Length },
            new Limits { UncompressedBytes = 600_000 });
    }

    [Fact]
    public async Task Pax_records_may_be_so_long()
    {
        byte[] layer = [.. Archive.Pax(("comment", new string('c', 900))), .. Archive.Of(Archive.File("f", "x"))];
        await BothSides(
            layer, nameof(Limits.ExtensionBytes), new Limits { ExtensionBytes = 1000 }, new Limits { ExtensionBytes = 800 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_layer_may_expand_so_much(bool isZstd)
    {
        byte[] tar = Archive.Of(Archive.File("zeros", new byte[RatioFloorBytes + (2 << 20)]));
        byte[] layer = isZstd ? Zstd(tar, 20) : Gzip(tar);
        int ratio = tar.Length / layer.Length;
        await BothSides(
            layer,
            nameof(Limits.ExpansionRatio),
            new Limits { ExpansionRatio = ratio * 2 },
            new Limits { ExpansionRatio = ratio / 4 });
    }

    [Fact]
    public async Task A_bomb_inside_of_a_bomb_is_only_a_file()
    {
        byte[] inner = Gzip(new byte[RatioFloorBytes]);
        LayerSummary summary = await LayerPipeline.RunAsync(new MemoryStream(Gzip(Archive.Of(Archive.File("bomb.gz", inner)))));
        Assert.True(summary.UncompressedBytes < 1 << 20, $"{summary.UncompressedBytes} bytes");
    }

    [Fact]
    public async Task Members_behind_each_other_are_one_stream_to_the_limits()
    {
        byte[] member = Gzip(new byte[1 << 20]);
        byte[] layer = [.. Gzip(Archive.Of(Archive.File("f", "x"))), .. Enumerable.Repeat(member, 5).SelectMany(bytes => bytes)];
        await BothSides(
            layer,
            nameof(Limits.UncompressedBytes),
            new Limits { UncompressedBytes = 6 << 20 },
            new Limits { UncompressedBytes = 2 << 20 });
    }

    [Fact]
    public async Task A_window_may_be_so_large()
    {
        byte[] layer = Zstd(Archive.Of(Archive.File("f", new byte[4 << 20])), 22);
        LayerSummary taken = await RunAsync(layer, new Limits { ZstdWindowBytes = 8 << 20 });
        Assert.True(taken.UncompressedBytes > 4 << 20);
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(
            () => RunAsync(layer, new Limits { ZstdWindowBytes = 1 << 20 }));
        Assert.Equal((nameof(Limits.ZstdWindowBytes), 1 << 20), (fault.Limit, fault.Allowed));
        Assert.Contains("window", fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_layer_that_never_ends_may_take_so_long()
    {
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(() => LayerPipeline.RunAsync(
            new SilentStream(), new LayerPipelineOptions { Limits = new Limits { LayerSeconds = 1 } }));
        Assert.Equal(nameof(Limits.LayerSeconds), fault.Limit);
        Assert.NotNull(await RunAsync(Archive.Of(Archive.File("f", "x")), new Limits { LayerSeconds = 600 }));
    }

    private static async Task BothSides(byte[] layer, string limit, Limits enough, Limits tooLittle)
    {
        Assert.NotNull(await RunAsync(layer, enough));
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(() => RunAsync(layer, tooLittle));
        Assert.Equal(limit, fault.Limit);
    }

    private static Task<LayerSummary> RunAsync(byte[] layer, Limits limits) =>
        LayerPipeline.RunAsync(new MemoryStream(layer), new LayerPipelineOptions { Limits = limits });

    private static byte[] Gzip(byte[] bytes)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Zstd(byte[] bytes, int level)
    {
        using var compressor = new Compressor(level);
        return compressor.Wrap(bytes).ToArray();
    }

    // Gives nothing and never ends, as a peer that has gone to sleep.
    private sealed class SilentStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
