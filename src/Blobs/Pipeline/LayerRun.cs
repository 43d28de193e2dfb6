using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>
/// The state of one run. The caller's task pumps: read, hash, keep, decode into slabs. Each lane consumes every slab on its own
/// thread. A fault on any side stops the pump; the lanes drain, and only then does the first fault surface, so nothing of
/// the run is alive when its caller hears of it. When the tar makes no sense the pump alone goes on to the end, to see whether the
/// compressed stream was damaged: its own check values know better where and what.
/// </summary>
internal sealed class LayerRun : IDisposable
{
    // A slab fits the second-level cache of the core that filled it; sixteen of them let the file system stall for a few
    // milliseconds without stopping the decoder.
    private const int SlabBytes = 256 << 10;
    private const int SlabCount = 16;

    private readonly PipeReader _source;
    private readonly LayerPipelineOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly Sha256Hasher _hasher = new();
    private readonly SlabPool _pool = new(SlabCount, SlabBytes);
    private readonly FirstFault _fault = new();
    private readonly RecordConsumer _record;
    private readonly TreeConsumer? _tree;
    private readonly List<SlabLane> _lanes = [];
    private IDecoder? _decoder;
    private Slab? _slab;
    private long _compressedBytes;
    private long _uncompressedBytes;

    public LayerRun(PipeReader source, LayerPipelineOptions options, CancellationToken cancellationToken)
    {
        _source = source;
        _options = options;
        _cancellationToken = cancellationToken;
        _record = new RecordConsumer(options);
        _tree = options.Entries is null ? null : new TreeConsumer(options.Entries, options.Limits);
    }

    public async Task<LayerSummary> RunAsync()
    {
        _lanes.Add(new SlabLane("blobs record", _record, _fault));
        if (_tree is not null)
        {
            _lanes.Add(new SlabLane("blobs tree", _tree, _fault));
        }

        CompressionKind kind = CompressionKind.None;
        try
        {
            kind = await PumpAsync().ConfigureAwait(false);
        }
        catch (MalformedDataException cause) when (_fault.IsMalformedTar)
        {
            _fault.SetCause(cause);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }

        await EndLanesAsync().ConfigureAwait(false);
        _fault.ThrowIfSet();
        return Check(kind);
    }

    public void Dispose()
    {
        _hasher.Dispose();
        _decoder?.Dispose();
        _record.Dispose();
        _tree?.Dispose();
        _pool.Dispose();
    }

    private async Task<CompressionKind> PumpAsync()
    {
        CompressionKind kind = await DetectAsync().ConfigureAwait(false);
        _decoder = Decoders.Create(kind, _options.Limits);
        _slab = await _pool.RentAsync(_cancellationToken).ConfigureAwait(false);
        bool isCompleted = false;
        while (!isCompleted)
        {
            ReadResult read = await _source.ReadAsync(_cancellationToken).ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                _hasher.Append(piece.Span);
                _options.Compressed?.Write(piece.Span);
                _compressedBytes += piece.Length;
                await DecodeAsync(piece, isFinal: false).ConfigureAwait(false);
            }

            isCompleted = read.IsCompleted;
            _source.AdvanceTo(read.Buffer.End);
            _options.Progress?.Report(Progress());
        }

        await DecodeAsync(ReadOnlyMemory<byte>.Empty, isFinal: true).ConfigureAwait(false);
        if (!_fault.IsSet)
        {
            HandOver(_slab);
        }

        _slab = null;
        return kind;
    }

    private async Task<CompressionKind> DetectAsync()
    {
        if (_options.Compression is { } known)
        {
            return known;
        }

        while (true)
        {
            ReadResult read = await _source.ReadAsync(_cancellationToken).ConfigureAwait(false);
            bool isEnough = read.Buffer.Length >= CompressionDetector.PrefixBytes || read.IsCompleted;
            CompressionKind? kind = isEnough ? CompressionDetector.Detect(Prefix(read.Buffer)) : null;

            // Nothing is consumed: the pump reads the same bytes again.
            _source.AdvanceTo(read.Buffer.Start, isEnough ? read.Buffer.Start : read.Buffer.End);
            if (kind is { } detected)
            {
                return detected;
            }
        }
    }

    private static byte[] Prefix(ReadOnlySequence<byte> buffer) =>
        buffer.Slice(0, Math.Min(buffer.Length, CompressionDetector.PrefixBytes)).ToArray();

    private async ValueTask DecodeAsync(ReadOnlyMemory<byte> piece, bool isFinal)
    {
        while (true)
        {
            Slab slab = _slab!;
            OperationStatus status = _decoder!.Decode(
                piece.Span, slab.Memory, Slab.HistoryBytes + slab.Length, isFinal, out int consumed, out int written);
            slab.Length += written;
            _uncompressedBytes += written;
            piece = piece[consumed..];
            switch (status)
            {
                case OperationStatus.DestinationTooSmall:
                    await TurnOverAsync(slab).ConfigureAwait(false);
                    break;
                case OperationStatus.InvalidData:
                    Throw.Malformed(_decoder.Fault, _decoder.FaultOffset, _decoder.FaultMessage);
                    return;
                default:
                    Debug.Assert(piece.IsEmpty, "All of the source was taken.");
                    return;
            }
        }
    }

    private async ValueTask TurnOverAsync(Slab full)
    {
        CheckLimits();
        if (_fault.IsMalformedTar)
        {
            // Nobody wants the data any more; the decoder still wants its window.
            full.TakeHistoryFrom(full);
            full.Length = 0;
            return;
        }

        _fault.ThrowIfSet();
        Slab next = await _pool.RentAsync(_cancellationToken).ConfigureAwait(false);
        next.TakeHistoryFrom(full);
        _slab = next;
        HandOver(full);
        _options.Progress?.Report(Progress());
    }

    private void HandOver(Slab slab)
    {
        slab.Share(_lanes.Count);
        foreach (SlabLane lane in _lanes)
        {
            lane.Enqueue(slab);
        }
    }

    private void CheckLimits()
    {
        Limits limits = _options.Limits;
        if (_uncompressedBytes > limits.UncompressedBytes)
        {
            Throw.LimitExceeded(nameof(Limits.UncompressedBytes), limits.UncompressedBytes, "the uncompressed layer");
        }

        // Small streams may expand as they like: a ratio only means something for much data.
        const long RatioFloorBytes = 64 << 20;
        if (_uncompressedBytes > RatioFloorBytes && _uncompressedBytes / limits.ExpansionRatio > _compressedBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ExpansionRatio), limits.ExpansionRatio, "the expansion of the layer");
        }
    }

    private LayerProgress Progress() => new(_compressedBytes, _uncompressedBytes, _record.EntryCount);

    private async Task EndLanesAsync()
    {
        foreach (SlabLane lane in _lanes)
        {
            lane.Complete();
        }

        foreach (SlabLane lane in _lanes)
        {
            await lane.Ended.ConfigureAwait(false);
        }
    }

    private LayerSummary Check(CompressionKind kind)
    {
        var summary = new LayerSummary
        {
            Digest = new Digest(_hasher.Finish()),
            DiffId = _record.DiffId,
            Compression = kind,
            CompressedBytes = _compressedBytes,
            UncompressedBytes = _uncompressedBytes,
            EntryCount = _record.EntryCount,
        };
        if (_options.ExpectedDigest is { } digest && digest != summary.Digest)
        {
            throw new DigestMismatchException("layer digest", $"{digest}", $"{summary.Digest}", _compressedBytes);
        }

        if (_options.ExpectedDiffId is { } diffId && diffId != summary.DiffId)
        {
            throw new DigestMismatchException("DiffID", $"{diffId}", $"{summary.DiffId}", _uncompressedBytes);
        }

        return summary;
    }
}
