using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Pipeline;

public sealed class LayerPipelineTests
{
    [Fact]
    public async Task One_pass_finds_both_digests_and_all_counts()
    {
        byte[] tar = Archive.Of(Archive.Directory("d/"), Archive.File("d/f", new byte[3_000_000]));
        byte[] layer = Gzip(tar);
        LayerSummary summary = await LayerPipeline.RunAsync(new MemoryStream(layer));
        Assert.Equal(Digest.Parse($"sha256:{Sha256(layer)}"), summary.Digest);
        Assert.Equal(DiffId.Parse($"sha256:{Sha256(tar)}"), summary.DiffId);
        Assert.Equal((CompressionKind.Gzip, layer.Length, tar.Length, 2L), (summary.Compression, (int)summary.CompressedBytes, (int)summary.UncompressedBytes, summary.EntryCount));
    }

    [Fact]
    public async Task Waiting_for_the_source_is_measured_apart_from_the_pass()
    {
        // All of the wait for the first byte counts; of the second only what the pass had nothing left to do in.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        LayerSummary slow = await LayerPipeline.RunAsync(new LateStream(Archive.Of(Archive.File("f", new byte[3_000_000])), TimeSpan.FromMilliseconds(60)));
        Assert.InRange(slow.SourceWait, TimeSpan.FromMilliseconds(50), clock.Elapsed);
    }

    [Fact]
    public void Any_tar_cut_and_compressed_in_any_way_gives_the_same_entries_digests_and_recording() =>
        Gen.Select(TarGen.Members, Gen.Int[1, 5000], Pick.From("plain", "gzip", "members", "zstd")).Sample((members, chunkBytes, how) =>
        {
            byte[] tar = Archive.Of(members);
            byte[] layer = how switch
            {
                "gzip" => Gzip(tar),
                "members" => [.. Gzip(tar[..(tar.Length / 2)]), .. Gzip(tar[(tar.Length / 2)..])],
                "zstd" => Zstd(tar),
                _ => tar,
            };
            EntryCollector expected = EntryCollector.Read(tar);
            var entries = new EntryCollector();
            var recording = new ByteCollector();
            var compressed = new ByteCollector();
            var uncompressed = new ByteCollector();
            LayerSummary summary = Run(
                new ChunkedStream(layer, chunkBytes),
                new LayerPipelineOptions
                {
                    Entries = entries,
                    TarSplit = recording,
                    Compressed = compressed,
                    Uncompressed = uncompressed,
                    ExpectedDigest = Digest.Parse($"sha256:{Sha256(layer)}"),
                    ExpectedDiffId = DiffId.Parse($"sha256:{Sha256(tar)}"),
                });
            return entries.Entries.SequenceEqual(expected.Entries)
                && entries.AllBytes.AsSpan().SequenceEqual(tar)
                && recording.ToArray().AsSpan().SequenceEqual(Recording.Of(tar))
                && compressed.ToArray().AsSpan().SequenceEqual(layer)
                && uncompressed.ToArray().AsSpan().SequenceEqual(tar)
                && summary.EntryCount == members.Length;
        });

    [Fact]
    public async Task A_wrong_digest_is_refused_with_both_values()
    {
        byte[] tar = Archive.Of(Archive.File("f", "x"));
        Digest wrong = Digest.Parse($"sha256:{new string('0', 64)}");
        DigestMismatchException error = await Assert.ThrowsAsync<DigestMismatchException>(
            () => LayerPipeline.RunAsync(new MemoryStream(tar), new LayerPipelineOptions { ExpectedDigest = wrong }));
        Assert.Contains($"{wrong}", error.Message, StringComparison.Ordinal);
        Assert.Contains(Sha256(tar), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_diffid_is_refused()
    {
        byte[] layer = Gzip(Archive.Of(Archive.File("f", "x")));
        DiffId wrong = DiffId.Parse($"sha256:{new string('0', 64)}");
        await Assert.ThrowsAsync<DigestMismatchException>(
            () => LayerPipeline.RunAsync(new MemoryStream(layer), new LayerPipelineOptions { ExpectedDiffId = wrong }));
    }

    [Fact]
    public async Task Every_truncation_is_an_error_and_never_a_short_success()
    {
        byte[] layer = Gzip(Archive.Of(Archive.File("f", "some content"), Archive.File("g", "more")));
        for (int length = 1; length < layer.Length; length++)
        {
            byte[] cut = layer[..length];
            await Assert.ThrowsAsync<MalformedDataException>(() => LayerPipeline.RunAsync(new MemoryStream(cut)));
        }
    }

    [Fact]
    public async Task A_flipped_bit_never_passes_unnoticed()
    {
        byte[] tar = Archive.Of(Archive.File("f", new string('a', 500)), Archive.File("g", "more"));
        byte[] layer = Gzip(tar);
        DiffId diffId = DiffId.Parse($"sha256:{Sha256(tar)}");
        for (int bit = 0; bit < layer.Length * 8; bit++)
        {
            byte[] flipped = [.. layer];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Header fields and filler bits that carry no meaning may change; the content may not.
                LayerSummary summary = await LayerPipeline.RunAsync(new MemoryStream(flipped));
                Assert.Equal(diffId, summary.DiffId);
            }
            catch (BlobsException)
            {
            }
        }
    }

    [Fact]
    public async Task Damage_to_the_compressed_stream_is_reported_as_such_whatever_the_tar_looks_like_behind_it()
    {
        // Stored blocks carry the damage straight into the tar's second header, long before the CRC-32 is reached.
        byte[] tar = Archive.Of(Archive.File("f", "x"), Archive.File("g", new byte[3_000_000]));
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        byte[] layer = target.ToArray();
        layer[1100] ^= 1;
        for (int round = 0; round < 10; round++)
        {
            MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(
                () => LayerPipeline.RunAsync(new MemoryStream(layer), new LayerPipelineOptions { Entries = new EntryCollector() }));
            Assert.Equal(Fault.GzipChecksum, error.Fault);
        }
    }

    [Theory]
    [InlineData("LZIP\u0001", "lzip")]
    [InlineData("\u0004\"M\u0018", "lz4")]
    public async Task Other_compressions_are_named(string start, string name)
    {
        byte[] layer = [.. System.Text.Encoding.Latin1.GetBytes(start), .. new byte[100]];
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(() => LayerPipeline.RunAsync(new MemoryStream(layer)));
        Assert.Equal(Fault.UnsupportedCompression, error.Fault);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_fault_of_a_sink_surfaces_and_nothing_hangs()
    {
        byte[] tar = Archive.Of([.. Enumerable.Range(0, 50).Select(i => Archive.File($"f{i}", new byte[300_000]))]);
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => LayerPipeline.RunAsync(
            new MemoryStream(Gzip(tar)), new LayerPipelineOptions { Entries = new FailingSink(entriesBefore: 3) }));
        Assert.Equal("sink failed", error.Message);
    }

    [Fact]
    public async Task A_failing_source_surfaces_as_it_is()
    {
        byte[] tar = Archive.Of(Archive.File("f", new byte[3_000_000]));
        await Assert.ThrowsAsync<IOException>(() => LayerPipeline.RunAsync(new FailingStream(Gzip(tar), 500)));
    }

    [Fact]
    public async Task Cancellation_carries_the_callers_token()
    {
        using var cancel = new CancellationTokenSource();
        var pipe = new Pipe();
        Task<LayerSummary> run = LayerPipeline.RunAsync(pipe.Reader, cancellationToken: cancel.Token);
        await pipe.Writer.WriteAsync(new byte[1000]);
        await cancel.CancelAsync();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task A_pipe_that_holds_little_never_stalls()
    {
        byte[] layer = Gzip(Archive.Of(Archive.File("f", RandomNumberGenerator.GetBytes(3_000_000))));
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
        Task<LayerSummary> run = LayerPipeline.RunAsync(pipe.Reader);
        foreach (byte[] piece in layer.Chunk(700))
        {
            await pipe.Writer.WriteAsync(piece);
        }

        await pipe.Writer.CompleteAsync();
        LayerSummary summary = await run;
        Assert.Equal(Digest.Parse($"sha256:{Sha256(layer)}"), summary.Digest);
    }

    [Fact]
    public async Task Progress_only_grows_and_ends_at_the_totals()
    {
        byte[] layer = Gzip(Archive.Of(Archive.File("f", RandomNumberGenerator.GetBytes(2_000_000))));
        var seen = new ProgressCollector();
        LayerSummary summary = await LayerPipeline.RunAsync(new ChunkedStream(layer, 50_000), new LayerPipelineOptions { Progress = seen });
        Assert.Equal(seen.Values.OrderBy(value => value.UncompressedBytes), seen.Values);
        Assert.Equal(summary.CompressedBytes, seen.Values[^1].CompressedBytes);
    }

    [Fact]
    public async Task Refuses_more_uncompressed_bytes_than_the_limit()
    {
        byte[] layer = Gzip([.. Archive.Of(Archive.File("f", "x")), .. new byte[5_000_000]]);
        var options = new LayerPipelineOptions { Limits = new Limits { UncompressedBytes = 1_000_000 } };
        await Assert.ThrowsAsync<LimitExceededException>(() => LayerPipeline.RunAsync(new MemoryStream(layer), options));
    }

    private static LayerSummary Run(Stream source, LayerPipelineOptions options) =>
        Task.Run(() => LayerPipeline.RunAsync(source, options)).GetAwaiter().GetResult();

    private static byte[] Gzip(byte[] bytes)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Zstd(byte[] bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class FailingSink(int entriesBefore) : ITarSink
    {
        private int _count;

        public void Entry(TarEntry entry)
        {
            if (++_count > entriesBefore)
            {
                throw new InvalidDataException("sink failed");
            }
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
        }

        public void EndEntry()
        {
        }
    }

    private sealed class FailingStream(byte[] bytes, int failAt) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= failAt ? throw new IOException("source failed") : base.ReadAsync(buffer[..Math.Min(buffer.Length, 100)], cancellationToken);
    }

    private sealed class ProgressCollector : IProgress<LayerProgress>
    {
        public List<LayerProgress> Values { get; } = [];

        public void Report(LayerProgress value) => Values.Add(value);
    }

    // Half of the bytes late, and the other half again.
    private sealed class LateStream(byte[] bytes, TimeSpan delay) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int half = (int)Length / 2;
            if (Position == 0 || Position == half)
            {
                await Task.Delay(delay, cancellationToken);
            }

            int room = Position < half ? half - (int)Position : buffer.Length;
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, room)], cancellationToken);
        }
    }
}
