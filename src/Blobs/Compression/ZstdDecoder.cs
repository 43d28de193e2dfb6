using System.Buffers;
using System.Numerics;
using Blobs.Errors;
using Blobs.Errors.Internal;
using ZstdSharp.Unsafe;
using Zstd = ZstdSharp.Unsafe.Methods;

namespace Blobs.Compression;

/// <summary>
/// Decodes Zstandard (RFC 8878) with ZstdSharp: any number of frames, including skippable ones, with checksums verified and window
/// sizes limited. Zero bytes may follow the last frame, as with gzip; anything else is an error.
/// </summary>
internal sealed unsafe class ZstdDecoder : StepDecoder
{
    private const int HeadBytes = 4;

    private readonly long _windowBytes;
    private ZSTD_DCtx_s* _context;
    private long _frameOffset;
    private ulong _frameBytes;
    private bool _isFrameBegun;
    private bool _isInFrame;
    private bool _isFirstFrame = true;
    private bool _isPadding;
    private long _lastEnd;

    // The first bytes of a frame, to report them if they turn out to be trailing data.
    private readonly byte[] _head = new byte[HeadBytes];
    private int _headLength;
    private readonly TrailingData _trailing = new("zstd", "frame");
    private bool _isLimitExceeded;

    public ZstdDecoder(long windowBytes)
    {
        // The library's limit is a power of two from 1 KiB to 2 GiB.
        const int SmallestLog = 10;
        const int LargestLog = 31;
        _windowBytes = windowBytes;
        _context = Zstd.ZSTD_createDCtx();
        int log = BitOperations.Log2((ulong)Math.Max(1, windowBytes));
        Zstd.ZSTD_DCtx_setParameter(_context, ZSTD_dParameter.ZSTD_d_windowLogMax, Math.Clamp(log, SmallestLog, LargestLog));
    }

    public static ReadOnlySpan<byte> Magic => [0x28, 0xb5, 0x2f, 0xfd];

    // ZstdSharp keeps its own window and does not look back in the target.
    public override int WindowBytes => 0;

    public override BlobsException Error => _isLimitExceeded
        ? Throw.Limit(nameof(Limits.ZstdWindowBytes), _windowBytes, FaultMessage)
        : Throw.Error(Fault, FaultOffset, FaultMessage);

    /// <summary>RFC 8878, 3.1.2: sixteen magic numbers mark frames that carry no data.</summary>
    public static bool IsSkippable(ReadOnlySpan<byte> prefix) =>
        prefix.Length >= 4 && (prefix[0] & 0xf0) == 0x50 && prefix[1..4].SequenceEqual<byte>([0x2a, 0x4d, 0x18]);

    public override void Dispose()
    {
        if (_context is not null)
        {
            Zstd.ZSTD_freeDCtx(_context);
            _context = null;
        }
        base.Dispose();
    }

    protected override OperationStatus End()
    {
        if (_isInFrame && !_isFirstFrame && _headLength < HeadBytes)
        {
            BeginTrailing(_frameOffset, _head.AsSpan(0, _headLength));
        }

        return _trailing.IsPresent ? Fail(Fault.TrailingData, _trailing.Offset, _trailing.Message(_lastEnd))
            : _isInFrame || _isFirstFrame ? Fail(Fault.TruncatedStream, Offset, "zstd: the stream ends early")
            : OperationStatus.Done;
    }

    // Done means that a frame has ended or that there was progress; more may follow.
    protected override OperationStatus Step(
        ReadOnlySpan<byte> source, Span<byte> target, int position, out int taken, out int made)
    {
        taken = 0;
        made = 0;
        if (_trailing.IsPresent)
        {
            // Read to the end of the source, to report the number of bytes.
            taken = source.Length;
            _trailing.Add(source);
            return OperationStatus.NeedMoreData;
        }

        if (!_isInFrame)
        {
            if (source.IsEmpty)
            {
                return OperationStatus.NeedMoreData;
            }

            _isPadding |= source[0] == 0 && !_isFirstFrame;
            if (_isPadding)
            {
                int junk = source.IndexOfAnyExcept((byte)0);
                taken = junk < 0 ? source.Length : junk;
                return junk < 0 ? OperationStatus.NeedMoreData : BeginTrailing(Offset + junk, []);
            }

            _isInFrame = true;
            _frameOffset = Offset;
            _frameBytes = 0;
            _headLength = 0;
            _isFrameBegun = false;
        }

        return Decompress(source, target[position..], out taken, out made);
    }

    private OperationStatus Decompress(ReadOnlySpan<byte> source, Span<byte> target, out int taken, out int made)
    {
        fixed (byte* from = source, to = target)
        {
            // Pass the first byte alone: if the library sees a whole frame at once, it uses other code, which accepts and rejects
            // different frames than its code for streaming.
            var input = new ZSTD_inBuffer_s { src = from, size = (nuint)(_isFrameBegun ? source.Length : Math.Min(source.Length, 1)) };
            _isFrameBegun = true;
            var output = new ZSTD_outBuffer_s { dst = to, size = (nuint)target.Length };
            nuint result = Zstd.ZSTD_decompressStream(_context, &output, &input);
            taken = (int)input.pos;
            made = (int)output.pos;
            if (Zstd.ZSTD_isError(result))
            {
                if (!_isFirstFrame && Zstd.ZSTD_getErrorCode(result) == ZSTD_ErrorCode.ZSTD_error_prefix_unknown)
                {
                    // Neither the bytes read before nor those that follow belong to a frame.
                    taken = 0;
                    made = 0;
                    return BeginTrailing(_frameOffset, _head.AsSpan(0, _headLength));
                }

                return FailFrame(Zstd.ZSTD_getErrorCode(result), Offset + taken);
            }

            int headTaken = Math.Min(taken, HeadBytes - _headLength);
            source[..headTaken].CopyTo(_head.AsSpan(_headLength));
            _headLength += headTaken;
            _frameBytes += (ulong)made;
            if (result == 0)
            {
                // The library does not check the size if the last block is empty.
                ZSTD_frameHeader header = _context->fParams;
                bool isSized = header.frameType == ZSTD_frameType_e.ZSTD_frame && header.frameContentSize != ulong.MaxValue;
                if (isSized && header.frameContentSize != _frameBytes)
                {
                    return Fail(
                        Fault.ZstdFrame,
                        _frameOffset,
                        $"zstd: a frame has {_frameBytes} bytes, but its header records {header.frameContentSize}");
                }

                _isInFrame = false;
                _isFirstFrame = false;
                _lastEnd = Offset + taken;
                return OperationStatus.Done;
            }

            return made == target.Length ? OperationStatus.DestinationTooSmall
                : taken == source.Length ? OperationStatus.NeedMoreData
                : OperationStatus.Done;
        }
    }

    private OperationStatus FailFrame(ZSTD_ErrorCode code, long offset) => code switch
    {
        ZSTD_ErrorCode.ZSTD_error_checksum_wrong => Fail(Fault.ZstdChecksum, offset, "zstd: the checksum of a frame does not match"),
        ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge => FailLimit(),
        _ => Fail(Fault.ZstdFrame, offset, $"zstd: {Zstd.ZSTD_getErrorString(code)}"),
    };

    private OperationStatus BeginTrailing(long offset, ReadOnlySpan<byte> first)
    {
        _trailing.Begin(offset);
        _trailing.Add(first);
        _isInFrame = false;
        return OperationStatus.Done;
    }

    private OperationStatus FailLimit()
    {
        _isLimitExceeded = true;
        return Fail(Fault.ZstdFrame, _frameOffset, "zstd: the window of a frame");
    }
}
