using System.Buffers;
using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Compression;

/// <summary>
/// Decodes gzip (RFC 1952): any number of concatenated members, with all header fields, header CRCs, CRC-32s and lengths checked.
/// Zero bytes may follow the last member, as padding of tape blocks did; anything else is an error.
/// </summary>
internal sealed class GzipDecoder : StepDecoder
{
    private const int FixedHeaderBytes = 10;
    private const int TrailerBytes = 8;
    private const byte Deflate = 8;

    private readonly Inflater _inflater = new();
    private readonly Crc32 _dataChecksum = new();
    private readonly Crc32 _headerChecksum = new();

    // Gathers header and trailer fields, which may arrive in pieces. The fixed header is the longest.
    private readonly byte[] _field = new byte[FixedHeaderBytes];
    private State _state = State.FixedHeader;
    private Flags _flags;
    private int _fieldLength;
    private int _extraRemaining;
    private long _memberOffset;
    private uint _memberBytes;
    private long _lastEnd;
    private bool _isFirstMember = true;
    private readonly TrailingData _trailing = new("gzip", "member");

    private enum State
    {
        FixedHeader,
        ExtraLength,
        Extra,
        Name,
        Comment,
        HeaderChecksum,
        Data,
        Trailer,
        Padding,
        Trailing,
    }

    // RFC 1952, 2.3.1. FTEXT (1) has no effect on decoding; the top three bits are reserved.
    [Flags]
    private enum Flags : byte
    {
        HeaderChecksum = 2,
        Extra = 4,
        Name = 8,
        Comment = 16,
        Reserved = 0xe0,
    }

    public static ReadOnlySpan<byte> Magic => [0x1f, 0x8b];

    public override int WindowBytes => Inflater.WindowBytes;

    protected override OperationStatus Step(ReadOnlySpan<byte> source, Span<byte> target, int position, out int taken, out int made) =>
        _state == State.Data ? DecodeData(source, target, position, out taken, out made) : ReadField(source, out taken, out made);

    private OperationStatus DecodeData(ReadOnlySpan<byte> source, Span<byte> target, int position, out int taken, out int made)
    {
        OperationStatus status = _inflater.Inflate(source, target, position, out taken, out made);
        _dataChecksum.Append(target.Slice(position, made));
        _memberBytes += (uint)made;
        if (status == OperationStatus.InvalidData)
        {
            return Fail(_inflater.Fault, Offset + taken, _inflater.FaultMessage);
        }

        if (status == OperationStatus.Done)
        {
            _state = State.Trailer;
        }

        return status;
    }

    // Reads the next piece outside the compressed data. Done means that the state has changed.
    private OperationStatus ReadField(ReadOnlySpan<byte> source, out int taken, out int made)
    {
        made = 0;
        return _state switch
        {
            State.FixedHeader => ReadFixedHeader(source, out taken),
            State.ExtraLength => ReadExtraLength(source, out taken),
            State.Extra => SkipExtra(source, out taken),
            State.Name => SkipText(source, State.Comment, out taken),
            State.Comment => SkipText(source, State.HeaderChecksum, out taken),
            State.HeaderChecksum => ReadHeaderChecksum(source, out taken),
            State.Trailer => ReadTrailer(source, out taken),
            State.Padding => SkipPadding(source, out taken),
            _ => ReadTrailing(source, out taken),
        };
    }

    private OperationStatus ReadFixedHeader(ReadOnlySpan<byte> source, out int taken)
    {
        taken = 0;
        if (_fieldLength == 0)
        {
            if (source.IsEmpty)
            {
                return OperationStatus.NeedMoreData;
            }

            _memberOffset = Offset;
            if (!_isFirstMember && source[0] != Magic[0])
            {
                _state = State.Padding;
                return OperationStatus.Done;
            }
        }

        if (!TryGather(source, FixedHeaderBytes, out taken))
        {
            // Two bytes are enough to see that this is not another member.
            return _fieldLength >= 2 && !_field.AsSpan(0, 2).SequenceEqual(Magic)
                ? FailMagic(_fieldLength)
                : OperationStatus.NeedMoreData;
        }

        if (!_field.AsSpan(0, 2).SequenceEqual(Magic))
        {
            return FailMagic(FixedHeaderBytes);
        }

        if (_field[2] != Deflate)
        {
            return Fail(Fault.GzipHeader, _memberOffset + 2, $"gzip: compression method {_field[2]}, expected 8 (deflate)");
        }

        _flags = (Flags)_field[3];
        if ((_flags & Flags.Reserved) != 0)
        {
            return Fail(Fault.GzipHeader, _memberOffset + 3, $"gzip: reserved flags are set in 0x{_field[3]:x2}");
        }

        _headerChecksum.Reset();
        _headerChecksum.Append(_field);
        _state = State.ExtraLength;
        return OperationStatus.Done;
    }

    private OperationStatus ReadExtraLength(ReadOnlySpan<byte> source, out int taken)
    {
        taken = 0;
        if ((_flags & Flags.Extra) == 0)
        {
            _state = State.Name;
            return OperationStatus.Done;
        }

        if (!TryGather(source, sizeof(ushort), out taken))
        {
            return OperationStatus.NeedMoreData;
        }

        _headerChecksum.Append(_field.AsSpan(0, sizeof(ushort)));
        _extraRemaining = BinaryPrimitives.ReadUInt16LittleEndian(_field);
        _state = State.Extra;
        return OperationStatus.Done;
    }

    private OperationStatus SkipExtra(ReadOnlySpan<byte> source, out int taken)
    {
        taken = Math.Min(source.Length, _extraRemaining);
        _headerChecksum.Append(source[..taken]);
        _extraRemaining -= taken;
        if (_extraRemaining > 0)
        {
            return OperationStatus.NeedMoreData;
        }

        _state = State.Name;
        return OperationStatus.Done;
    }

    // A name or comment of any length, which ends with a NUL. It is not kept.
    private OperationStatus SkipText(ReadOnlySpan<byte> source, State next, out int taken)
    {
        taken = 0;
        Flags flag = _state == State.Name ? Flags.Name : Flags.Comment;
        if ((_flags & flag) != 0)
        {
            int end = source.IndexOf((byte)0);
            taken = end < 0 ? source.Length : end + 1;
            _headerChecksum.Append(source[..taken]);
            if (end < 0)
            {
                return OperationStatus.NeedMoreData;
            }
        }

        _state = next;
        return OperationStatus.Done;
    }

    private OperationStatus ReadHeaderChecksum(ReadOnlySpan<byte> source, out int taken)
    {
        taken = 0;
        if ((_flags & Flags.HeaderChecksum) != 0)
        {
            if (!TryGather(source, sizeof(ushort), out taken))
            {
                return OperationStatus.NeedMoreData;
            }

            ushort expected = BinaryPrimitives.ReadUInt16LittleEndian(_field);
            ushort found = (ushort)_headerChecksum.Value;
            if (expected != found)
            {
                return Fail(
                    Fault.GzipHeaderChecksum,
                    Offset,
                    $"gzip: the header has CRC-16 {found:x4}, but records {expected:x4}");
            }
        }

        _inflater.Reset();
        _dataChecksum.Reset();
        _memberBytes = 0;
        _state = State.Data;
        return OperationStatus.Done;
    }

    private OperationStatus ReadTrailer(ReadOnlySpan<byte> source, out int taken)
    {
        if (!TryGather(source, TrailerBytes, out taken))
        {
            return OperationStatus.NeedMoreData;
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(_field);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_field.AsSpan(sizeof(uint)));
        uint found = _dataChecksum.Value;
        if (found != checksum)
        {
            return Fail(
                Fault.GzipChecksum, Offset, $"gzip: the data has CRC-32 {found:x8}, but the trailer records {checksum:x8}");
        }

        if (_memberBytes != length)
        {
            return Fail(
                Fault.GzipLength, Offset, $"gzip: the data has {_memberBytes} bytes (mod 2^32), but the trailer records {length}");
        }

        _isFirstMember = false;
        _lastEnd = Offset + taken;
        _state = State.FixedHeader;
        return OperationStatus.Done;
    }

    private OperationStatus SkipPadding(ReadOnlySpan<byte> source, out int taken)
    {
        int junk = source.IndexOfAnyExcept((byte)0);
        taken = junk < 0 ? source.Length : junk;
        return junk < 0 ? OperationStatus.NeedMoreData : BeginTrailing(Offset + junk, []);
    }

    // Reads to the end of the source, to report the number of bytes.
    private OperationStatus ReadTrailing(ReadOnlySpan<byte> source, out int taken)
    {
        taken = source.Length;
        _trailing.Add(source);
        return OperationStatus.NeedMoreData;
    }

    // The source has ended, which is valid only between members.
    protected override OperationStatus End()
    {
        bool isBetween = _state == State.Padding || (_state == State.FixedHeader && _fieldLength == 0 && !_isFirstMember);
        if (isBetween)
        {
            return OperationStatus.Done;
        }

        if (!_isFirstMember && _state == State.FixedHeader && _fieldLength < Magic.Length)
        {
            BeginTrailing(_memberOffset, _field.AsSpan(0, _fieldLength));
        }

        return _trailing.IsPresent ? Fail(Fault.TrailingData, _trailing.Offset, _trailing.Message(_lastEnd))
            : Fail(Fault.TruncatedStream, Offset, "gzip: the stream ends early");
    }

    private bool TryGather(ReadOnlySpan<byte> source, int length, out int taken)
    {
        taken = Math.Min(source.Length, length - _fieldLength);
        source[..taken].CopyTo(_field.AsSpan(_fieldLength));
        _fieldLength += taken;
        if (_fieldLength < length)
        {
            return false;
        }

        _fieldLength = 0;
        return true;
    }

    private OperationStatus FailMagic(int gathered) => _isFirstMember
        ? Fail(Fault.GzipHeader, _memberOffset, "gzip: the magic number is wrong")
        : BeginTrailing(_memberOffset, _field.AsSpan(0, gathered));

    private OperationStatus BeginTrailing(long offset, ReadOnlySpan<byte> first)
    {
        _trailing.Begin(offset);
        _trailing.Add(first);
        _state = State.Trailing;
        return OperationStatus.Done;
    }
}
