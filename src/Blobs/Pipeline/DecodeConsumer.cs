using System.Buffers;
using System.Diagnostics;
using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Pipeline;

/// <summary>
/// The decoding lane: turns pieces of the source into slabs, which the other lanes share. When the tar is malformed, it
/// alone goes on to the end: if the compressed stream is damaged, its checksums report the fault more precisely.
/// </summary>
internal sealed class DecodeConsumer(
    IDecoder decoder,
    SlabPool pool,
    LayerLanes lanes,
    LayerPipelineOptions options,
    FirstFault fault,
    CancellationToken cancellationToken) : ILaneConsumer<ReadOnlyMemory<byte>>, IDisposable
{
    // Number of source pieces that may wait to be decoded, each holding one of the source's buffers.
    private const int PiecesAhead = 16;
    private const int PiecesToWake = PiecesAhead / 2;

    private readonly SemaphoreSlim _room = new(PiecesAhead, PiecesAhead);
    private Slab? _slab;
    private int _finishedPieces;
    private long _finishedBytes;
    private long _lastFinish;
    private long _uncompressedBytes;

    /// <summary>Bytes of the source that are decoded, so that their memory can be reused.</summary>
    public long FinishedBytes => Volatile.Read(ref _finishedBytes);

    /// <summary>When the last of them was decoded, as <see cref="Stopwatch.GetTimestamp"/> counts.</summary>
    public long LastFinish => Volatile.Read(ref _lastFinish);

    public long UncompressedBytes => Volatile.Read(ref _uncompressedBytes);

    /// <summary>Waits until another piece may be handed in.</summary>
    public Task WaitForRoomAsync() => _room.WaitAsync(cancellationToken);

    public bool GoesOnAfter(FirstFault fault) => fault.IsMalformedTar;

    public void Consume(ReadOnlyMemory<byte> item)
    {
        Decode(item.Span, isFinal: false, item.Length);
        options.Progress?.Report(Progress(item.Length));
    }

    public void Release(ReadOnlyMemory<byte> item)
    {
        Volatile.Write(ref _lastFinish, Stopwatch.GetTimestamp());
        Volatile.Write(ref _finishedBytes, _finishedBytes + item.Length);
        if (++_finishedPieces % PiecesToWake == 0)
        {
            _room.Release(PiecesToWake);
        }
    }

    public void Complete()
    {
        Decode([], isFinal: true, 0);
        if (!fault.IsSet)
        {
            lanes.HandOver(_slab!);
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        decoder.Dispose();
    }

    private void Decode(ReadOnlySpan<byte> piece, bool isFinal, int pieceBytes)
    {
        while (true)
        {
            Slab slab = _slab ??= pool.Rent(cancellationToken);
            OperationStatus status = decoder.Decode(
                piece, slab.Memory, Slab.HistoryBytes + slab.Length, isFinal, out int consumed, out int written);
            slab.Length += written;
            Volatile.Write(ref _uncompressedBytes, _uncompressedBytes + written);
            piece = piece[consumed..];
            switch (status)
            {
                case OperationStatus.DestinationTooSmall:
                    TurnOver(slab, pieceBytes);
                    break;
                case OperationStatus.InvalidData:
                    fault.SetCause(decoder.Error);
                    return;
                default:
                    Debug.Assert(piece.IsEmpty, "All of the source was taken.");
                    return;
            }
        }
    }

    private void TurnOver(Slab full, int pieceBytes)
    {
        CheckLimits(pieceBytes);
        if (fault.IsMalformedTar)
        {
            // No lane needs the data any more, but the decoder still needs its window.
            full.TakeHistoryFrom(full);
            full.Length = 0;
            return;
        }

        fault.ThrowIfSet();
        Slab next = pool.Rent(cancellationToken);
        next.TakeHistoryFrom(full);
        _slab = next;
        lanes.HandOver(full);
        options.Progress?.Report(Progress(pieceBytes));
    }

    private void CheckLimits(int pieceBytes)
    {
        Limits limits = options.Limits;
        if (_uncompressedBytes > limits.UncompressedBytes)
        {
            Throw.LimitExceeded(nameof(Limits.UncompressedBytes), limits.UncompressedBytes, "the uncompressed layer");
        }

        // The ratio is meaningful only for large streams.
        const long RatioFloorBytes = 64 << 20;
        if (_uncompressedBytes > RatioFloorBytes && _uncompressedBytes / limits.ExpansionRatio > _finishedBytes + pieceBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ExpansionRatio), limits.ExpansionRatio, "the expansion of the layer");
        }
    }

    private LayerProgress Progress(int pieceBytes) => new(_finishedBytes + pieceBytes, _uncompressedBytes, lanes.EntryCount);
}
