using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Pipeline;

/// <summary>
/// The state of one run of <see cref="LayerPipeline"/>. The caller's task reads the source, hands each piece to the
/// decoder, and meanwhile hashes it and keeps it if asked. The decoder fills slabs; each further lane consumes every
/// slab on its own thread. A fault anywhere ends the reading. The lanes drain before the first fault is thrown, so no
/// thread of the run is active by then.
/// </summary>
internal sealed class LayerRun : IDisposable
{
    // A slab fits the second-level cache of the core that filled it; sixteen of them let the file system stall for a few
    // milliseconds without stopping the decoder. Smaller ones cost more wakes and copies of history (256 KiB: 3 %), larger ones gain
    // nothing.
    public const int SlabBytes = 512 << 10;
    public const int SlabCount = 16;

    private readonly PipeReader _source;
    private readonly LayerPipelineOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly Sha256Hasher _hasher = new();
    private readonly SlabPool _pool = new(SlabCount, SlabBytes);
    private readonly FirstFault _fault = new();
    private readonly LayerLanes _lanes;
    private DecodeConsumer? _decode;
    private long _compressedBytes;
    private TimeSpan _sourceWait;

    public LayerRun(PipeReader source, LayerPipelineOptions options, CancellationToken cancellationToken)
    {
        _source = source;
        _options = options;
        _cancellationToken = cancellationToken;
        _lanes = new LayerLanes(options, _fault);
    }

    public async Task<LayerSummary> RunAsync()
    {
        CompressionKind kind = _options.Compression ?? await DetectAsync().ConfigureAwait(false);
        IDecoder decoder = Decoders.Create(kind, _options.Limits);
        _lanes.Start();
        _decode = new DecodeConsumer(decoder, _pool, _lanes, _options, _fault, _cancellationToken);
        var decoding = new Lane<ReadOnlyMemory<byte>>("blobs decode", _decode, _fault);
        try
        {
            await ReadAsync(_decode, decoding).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }

        await EndAsync(decoding).ConfigureAwait(false);
        await _lanes.EndAsync().ConfigureAwait(false);
        _fault.ThrowIfSet();
        return Check(kind, _decode.UncompressedBytes);
    }

    public void Dispose()
    {
        _hasher.Dispose();
        _decode?.Dispose();
        _lanes.Dispose();
        _pool.Dispose();
    }

    private async Task<CompressionKind> DetectAsync()
    {
        while (true)
        {
            ReadResult read = await ReadSourceAsync().ConfigureAwait(false);
            bool isEnough = read.Buffer.Length >= CompressionDetector.PrefixBytes || read.IsCompleted;
            CompressionKind? kind = isEnough ? CompressionDetector.Detect(Prefix(read.Buffer)) : null;

            // Nothing is consumed: the decoder reads the same bytes again.
            _source.AdvanceTo(read.Buffer.Start, isEnough ? read.Buffer.Start : read.Buffer.End);
            if (kind is { } detected)
            {
                return detected;
            }
        }
    }

    private async ValueTask<ReadResult> ReadSourceAsync()
    {
        long asked = Stopwatch.GetTimestamp();
        ReadResult read = await _source.ReadAsync(_cancellationToken).ConfigureAwait(false);

        // Count only the part of the wait in which all lanes were idle.
        if (_decode is null || _decode.FinishedBytes == _compressedBytes)
        {
            long idleSince = Math.Max(asked, Math.Max(_pool.LastReturn, _decode?.LastFinish ?? 0));
            _sourceWait += Stopwatch.GetElapsedTime(idleSince);
        }

        return read;
    }

    private static byte[] Prefix(ReadOnlySequence<byte> buffer) =>
        buffer.Slice(0, Math.Min(buffer.Length, CompressionDetector.PrefixBytes)).ToArray();

    // The decoder works on the source's own buffers while more is read. The source may reuse them once the decoder has
    // finished with them.
    private async Task ReadAsync(DecodeConsumer decode, Lane<ReadOnlyMemory<byte>> decoding)
    {
        long forgottenBytes = 0;
        while (!_fault.IsSet || _fault.IsMalformedTar)
        {
            ReadResult read = await ReadSourceAsync().ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer.Slice(_compressedBytes - forgottenBytes))
            {
                await decode.WaitForRoomAsync().ConfigureAwait(false);
                decoding.Enqueue(piece);
                _compressedBytes += piece.Length;
                _hasher.Append(piece.Span);
                _options.Compressed?.Write(piece.Span);
            }

            if (read.IsCompleted)
            {
                await EndAsync(decoding).ConfigureAwait(false);
                _source.AdvanceTo(read.Buffer.End);
                return;
            }

            long finishedBytes = decode.FinishedBytes;
            _source.AdvanceTo(read.Buffer.GetPosition(finishedBytes - forgottenBytes), read.Buffer.End);
            forgottenBytes = finishedBytes;
        }
    }

    private static async Task EndAsync(Lane<ReadOnlyMemory<byte>> lane)
    {
        lane.Complete();
        await lane.Ended.ConfigureAwait(false);
    }

    private LayerSummary Check(CompressionKind kind, long uncompressedBytes)
    {
        var summary = new LayerSummary
        {
            Digest = new Digest(_hasher.Finish()),
            DiffId = _lanes.DiffId,
            Compression = kind,
            CompressedBytes = _compressedBytes,
            UncompressedBytes = uncompressedBytes,
            EntryCount = _lanes.EntryCount,
            SourceWait = _sourceWait,
        };
        if (_options.ExpectedDigest is { } digest && digest != summary.Digest)
        {
            throw new DigestMismatchException("layer digest", $"{digest}", $"{summary.Digest}", _compressedBytes);
        }

        if (_options.ExpectedDiffId is { } diffId && diffId != summary.DiffId)
        {
            throw new DigestMismatchException("DiffID", $"{diffId}", $"{summary.DiffId}", uncompressedBytes);
        }

        return summary;
    }
}
