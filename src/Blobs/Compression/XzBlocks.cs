using System.Buffers.Binary;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>
/// Follows one .xz stream from block to block (the .xz file format 1.1, and LZMA2's chunks) without decoding it, so that the window which
/// a block asks for meets its limit before the library makes it.
/// </summary>
internal sealed class XzBlocks(Limits limits)
{
    private const int StreamHeaderBytes = 12;
    private const int BlockHeaderBytesMax = 1024;
    private const byte Lzma2 = 0x21;

    // The library keeps a record of each. xz itself makes blocks of some megabytes.
    private const int BlocksMax = 1_000_000;

    private readonly byte[] _gathered = new byte[BlockHeaderBytesMax];
    private int _length;
    private int _wanted = StreamHeaderBytes;
    private int _checkBytes;
    private long _skipped;
    private long _blockBytes;
    private long _blocks;
    private long _records;
    private int _recordBits;
    private State _state = State.StreamHeader;

    private enum State
    {
        StreamHeader,
        BlockSize,
        BlockHeader,
        ChunkControl,
        ChunkHeader,
        IndexCount,
        IndexRest,
    }

    /// <summary>Looks at the next bytes of the stream.</summary>
    /// <exception cref="LimitExceededException">A block asks for too large a window.</exception>
    /// <exception cref="MalformedDataException">A block's header or a chunk makes no sense.</exception>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _state != State.IndexRest)
        {
            if (_skipped > 0)
            {
                int passed = (int)Math.Min(bytes.Length, _skipped);
                _skipped -= passed;
                bytes = bytes[passed..];
                continue;
            }

            int taken = Math.Min(bytes.Length, _wanted - _length);
            bytes[..taken].CopyTo(_gathered.AsSpan(_length));
            _length += taken;
            bytes = bytes[taken..];
            if (_length == _wanted)
            {
                _length = 0;
                Take(_gathered.AsSpan(0, _wanted));
            }
        }
    }

    private void Take(ReadOnlySpan<byte> field)
    {
        switch (_state)
        {
            case State.StreamHeader:
                // No check, or one of 4 to 64 bytes.
                int type = field[7] & 0xf;
                _checkBytes = type == 0 ? 0 : 4 << ((type - 1) / 3);
                Go(State.BlockSize, 1);
                break;
            case State.BlockSize when field[0] == 0:
                Go(State.IndexCount, 1);
                break;
            case State.IndexCount:
                TakeRecordCount(field[0]);
                break;
            case State.BlockSize:
                if (++_blocks > BlocksMax)
                {
                    throw Malformed($"it has more than {BlocksMax} blocks");
                }

                // The size counts its own byte.
                Go(State.BlockHeader, ((field[0] + 1) * 4) - 1);
                break;
            case State.BlockHeader:
                TakeBlockHeader(field);
                _blockBytes = 0;
                Go(State.ChunkControl, 1);
                break;
            case State.ChunkControl:
                _blockBytes++;
                TakeControl(field[0]);
                break;
            default:
                // The size stands at the end, or before a byte of properties.
                bool isCompressed = field.Length > 2;
                int size = BinaryPrimitives.ReadUInt16BigEndian(field[(isCompressed ? 2 : 0)..]) + 1;
                _blockBytes += field.Length + size;
                _skipped = size;
                Go(State.ChunkControl, 1);
                break;
        }
    }

    private void Go(State next, int wanted)
    {
        _state = next;
        _wanted = wanted;
    }

    // As many records as there were blocks, or the library would read on for as long as somebody likes.
    private void TakeRecordCount(byte value)
    {
        const int BitsMax = 56;
        _records |= (long)(value & 0x7f) << _recordBits;
        _recordBits += 7;
        if ((value & 0x80) != 0 && _recordBits <= BitsMax)
        {
            return;
        }

        _state = _records == _blocks ? State.IndexRest : throw Malformed($"its index counts {_records} blocks, and there are {_blocks}");
    }

    private void TakeControl(byte control)
    {
        const byte Compressed = 0x80;
        const byte WithProperties = 0xc0;
        if (control == 0)
        {
            // Blocks end at a multiple of four, and then comes the check.
            _skipped = ((4 - (_blockBytes & 3)) & 3) + _checkBytes;
            Go(State.BlockSize, 1);
        }
        else if (control is > 2 and < Compressed)
        {
            throw Malformed("a chunk is of no kind that there is");
        }
        else
        {
            Go(State.ChunkHeader, control < Compressed ? 2 : control < WithProperties ? 4 : 5);
        }
    }

    private void TakeBlockHeader(ReadOnlySpan<byte> header)
    {
        const byte HasCompressedSize = 0x40;
        const byte HasSize = 0x80;
        byte flags = header[0];
        ReadOnlySpan<byte> rest = header[1..];
        _ = (flags & HasCompressedSize) == 0 || Number(ref rest) >= 0;
        _ = (flags & HasSize) == 0 || Number(ref rest) >= 0;
        bool isFollowed = false;
        for (int filters = (flags & 3) + 1; filters > 0; filters--)
        {
            long filter = Number(ref rest);
            long properties = Number(ref rest);
            if (properties > rest.Length)
            {
                throw Malformed("a block's header is too short for its filters");
            }

            isFollowed = filter == Lzma2;
            if (isFollowed)
            {
                CheckWindow(properties == 1 ? rest[0] : throw Malformed("LZMA2 has one byte of properties"));
            }

            rest = rest[(int)properties..];
        }

        if (!isFollowed)
        {
            throw Malformed("a block is not of LZMA2");
        }
    }

    private void CheckWindow(byte coded)
    {
        const byte CodedMax = 40;
        if (coded > CodedMax)
        {
            throw Malformed("a block's window is larger than there is");
        }

        long window = coded == CodedMax ? uint.MaxValue : (2L | (uint)(coded & 1)) << ((coded / 2) + 11);
        if (window > limits.XzWindowBytes)
        {
            Throw.LimitExceeded(nameof(Limits.XzWindowBytes), limits.XzWindowBytes, $"xz: a window of {window} bytes");
        }
    }

    // Seven bits a byte, the lowest first.
    private static long Number(ref ReadOnlySpan<byte> rest)
    {
        const int BytesMax = 9;
        long value = 0;
        for (int i = 0; i < Math.Min(rest.Length, BytesMax); i++)
        {
            value |= (long)(rest[i] & 0x7f) << (7 * i);
            if ((rest[i] & 0x80) == 0)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        throw Malformed("a number in a block's header does not end");
    }

    private static MalformedDataException Malformed(string why) => new(Fault.XzStream, 0, why);
}
