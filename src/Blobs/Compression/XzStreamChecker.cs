using System.Buffers.Binary;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using XxHash128 = System.IO.Hashing.XxHash128;

namespace Blobs.Compression;

/// <summary>
/// Checks the structure of one .xz stream (.xz file format 1.1, and the chunks of LZMA2) without decoding it. It checks the window size
/// of every block against the limit before SharpCompress allocates the window, and it compares the sizes in block headers, index and
/// footer with the blocks, which SharpCompress does not.
/// </summary>
internal sealed class XzStreamChecker(Limits limits)
{
    private const int StreamHeaderBytes = 12;
    private const int StreamFooterBytes = 12;
    private const int BlockHeaderBytesMax = 1024;
    private const byte Lzma2 = 0x21;

    // Flag in the first byte of a chunk that is compressed and not stored.
    private const byte Compressed = 0x80;

    // Filters for branch addresses in machine code, which SharpCompress supports: x86, PowerPC, IA-64, ARM, ARM Thumb and SPARC.
    private const byte FirstBranchFilter = 4;
    private const byte LastBranchFilter = 9;

    // SharpCompress keeps a record of each block. The xz program writes blocks of several megabytes.
    private const int BlocksMax = 1_000_000;

    private readonly byte[] _gathered = new byte[BlockHeaderBytesMax];
    private readonly Crc32 _indexChecksum = new();

    // Hashes of the sizes of all blocks, from the blocks themselves and from the index. Lists could become long.
    private readonly XxHash128 _blockSizes = new();
    private readonly XxHash128 _recordSizes = new();
    private int _length;
    private int _wanted = StreamHeaderBytes;
    private int _checkType;
    private long _skipped;
    private int _headerBytes;
    private byte _control;
    private long _coderBytes;
    private long _declaredCompressedBytes;
    private long _declaredPlainBytes;
    private long _compressedBytes;
    private long _plainBytes;
    private long _allPlainBytes;
    private long _blocks;
    private long _numbersLeft;
    private long _number;
    private int _numberBits;
    private long _indexBytes;
    private State _state = State.StreamHeader;

    private enum State
    {
        StreamHeader,
        BlockSize,
        BlockHeader,
        ChunkControl,
        ChunkHeader,
        CoderStart,
        IndexCount,
        IndexRecords,
        IndexPadding,
        IndexChecksum,
        Footer,
        End,
    }

    /// <summary>Whether the next bytes are the compressed data of a chunk, which the library reads byte by byte.</summary>
    public bool IsInCoder =>
        _state == State.CoderStart || (_state == State.ChunkControl && _skipped > 0 && _control >= Compressed);

    // Size of the check after each block: none, or 4 to 64 bytes.
    private int CheckBytes => _checkType == 0 ? 0 : 4 << ((_checkType - 1) / 3);

    /// <summary>Checks the next bytes of the stream.</summary>
    /// <exception cref="LimitExceededException">The window of a block is too large.</exception>
    /// <exception cref="MalformedDataException">A block header, a chunk, the index or the footer is invalid or not
    /// supported.</exception>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _state != State.End)
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

    /// <summary>Ends the stream after the library has decoded it to <paramref name="plainBytes"/> bytes.</summary>
    /// <exception cref="MalformedDataException">The chunks declare another size. The library accepts a chunk that ends early.</exception>
    public void End(long plainBytes)
    {
        if (_state != State.End || plainBytes != _allPlainBytes)
        {
            throw Malformed("a chunk does not end where its header says");
        }
    }

    private void Take(ReadOnlySpan<byte> field)
    {
        switch (_state)
        {
            case State.StreamHeader:
                TakeCheckType(field[7] & 0xf);
                Go(State.BlockSize, 1);
                break;
            case State.BlockSize when field[0] == 0:
                TakeIndexBytes(field);
                Go(State.IndexCount, 1);
                break;
            case State.BlockSize:
                if (++_blocks > BlocksMax)
                {
                    throw Malformed($"it has more than {BlocksMax} blocks");
                }

                // The size includes its own byte.
                _headerBytes = (field[0] + 1) * 4;
                Go(State.BlockHeader, _headerBytes - 1);
                break;
            case State.BlockHeader:
                TakeBlockHeader(field);
                _compressedBytes = 0;
                _plainBytes = 0;
                Go(State.ChunkControl, 1);
                break;
            case State.ChunkControl:
                _compressedBytes++;
                TakeControl(field[0]);
                break;
            case State.ChunkHeader:
                TakeChunkHeader(field);
                break;
            case State.CoderStart:
                // The library ignores this byte, which must be zero.
                _skipped = field[0] == 0 ? _coderBytes - 1 : throw Malformed("a chunk does not begin with zero");
                Go(State.ChunkControl, 1);
                break;
            case State.IndexCount:
            case State.IndexRecords:
                TakeIndexBytes(field);
                TakeNumber(field[0]);
                break;
            case State.IndexPadding:
                TakeIndexBytes(field);
                ContinueIndex();
                break;
            case State.IndexChecksum:
                if (BinaryPrimitives.ReadUInt32LittleEndian(field) != _indexChecksum.Value)
                {
                    throw Malformed("its index does not match its checksum");
                }

                Go(State.Footer, StreamFooterBytes);
                break;
            case State.Footer:
                TakeFooter(field);
                Go(State.End, 0);
                break;
        }
    }

    private void Go(State next, int wanted)
    {
        _state = next;
        _wanted = wanted;
    }

    // The defined checks are none, CRC-32, CRC-64 and SHA-256.
    private void TakeCheckType(int type) =>
        _checkType = type is 0 or 1 or 4 or 10 ? type : throw Unsupported($"check {type}");

    private void TakeIndexBytes(ReadOnlySpan<byte> bytes)
    {
        _indexBytes += bytes.Length;
        _indexChecksum.Append(bytes);
    }

    // A byte of the number of records, or of one of the two sizes in each record.
    private void TakeNumber(byte value)
    {
        const int BitsMax = 56;
        _number |= (long)(value & 0x7f) << _numberBits;
        _numberBits += 7;
        if ((value & 0x80) != 0 && _numberBits <= BitsMax)
        {
            return;
        }

        if (_state == State.IndexRecords)
        {
            Add(_recordSizes, _number);
            _numbersLeft--;
        }
        else
        {
            // Without this check a stream could make the library read records without end.
            _numbersLeft = _number == _blocks
                ? 2 * _blocks
                : throw Malformed($"its index counts {_number} blocks, but there are {_blocks}");
        }

        _number = 0;
        _numberBits = 0;
        ContinueIndex();
    }

    private void ContinueIndex()
    {
        if (_numbersLeft > 0)
        {
            Go(State.IndexRecords, 1);
        }
        else if (_indexBytes % 4 != 0)
        {
            Go(State.IndexPadding, 1);
        }
        else if (_blockSizes.GetCurrentHashAsUInt128() != _recordSizes.GetCurrentHashAsUInt128())
        {
            throw Malformed("its index records other sizes than its blocks have");
        }
        else
        {
            Go(State.IndexChecksum, sizeof(uint));
        }
    }

    // SharpCompress checks the checksum and the magic bytes.
    private void TakeFooter(ReadOnlySpan<byte> footer)
    {
        long indexBytes = ((long)BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]) + 1) * 4;
        if (indexBytes != _indexBytes + sizeof(uint))
        {
            throw Malformed($"its footer records an index of {indexBytes} bytes, but it has {_indexBytes + sizeof(uint)}");
        }

        if (footer[8] != 0 || footer[9] != _checkType)
        {
            throw Malformed("its footer and its header have different flags");
        }
    }

    private static void Add(XxHash128 sizes, long size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, size);
        sizes.Append(bytes);
    }

    private void TakeControl(byte control)
    {
        const byte WithProperties = 0xc0;
        if (control == 0)
        {
            EndBlock();
            Go(State.BlockSize, 1);
        }
        else if (control is > 2 and < Compressed)
        {
            throw Malformed("a chunk has an unknown type");
        }
        else
        {
            _control = control;
            Go(State.ChunkHeader, control < Compressed ? 2 : control < WithProperties ? 4 : 5);
        }
    }

    private void TakeChunkHeader(ReadOnlySpan<byte> header)
    {
        int first = BinaryPrimitives.ReadUInt16BigEndian(header);
        bool isCompressed = header.Length > 2;
        _plainBytes += (isCompressed ? (_control & 0x1f) << 16 : 0) + first + 1;
        int bytes = (isCompressed ? BinaryPrimitives.ReadUInt16BigEndian(header[2..]) : first) + 1;
        _compressedBytes += header.Length + bytes;
        CheckProperties(header);
        _coderBytes = bytes;
        _skipped = isCompressed ? 0 : bytes;
        Go(isCompressed ? State.CoderStart : State.ChunkControl, 1);
    }

    // LZMA2 allows at most four literal context and literal position bits together. The library's tables double with each of them.
    private static void CheckProperties(ReadOnlySpan<byte> header)
    {
        const int WithProperties = 5;
        const int BitsMax = 4;
        const int Contexts = 9;
        const int Positions = 5;
        if (header.Length == WithProperties && (header[4] % Contexts) + (header[4] / Contexts % Positions) > BitsMax)
        {
            throw Malformed("a chunk has properties that LZMA2 does not allow");
        }
    }

    private void EndBlock()
    {
        if ((_declaredCompressedBytes >= 0 && _declaredCompressedBytes != _compressedBytes)
            || (_declaredPlainBytes >= 0 && _declaredPlainBytes != _plainBytes))
        {
            throw Malformed("a block does not have the size that its header records");
        }

        Add(_blockSizes, _headerBytes + _compressedBytes + CheckBytes);
        Add(_blockSizes, _plainBytes);
        _allPlainBytes += _plainBytes;

        // A block is padded to a multiple of four bytes, and the check follows.
        _skipped = ((4 - (_compressedBytes & 3)) & 3) + CheckBytes;
    }

    private void TakeBlockHeader(ReadOnlySpan<byte> header)
    {
        const byte HasCompressedSize = 0x40;
        const byte HasSize = 0x80;
        byte flags = header[0];
        ReadOnlySpan<byte> rest = header[1..];
        _declaredCompressedBytes = (flags & HasCompressedSize) == 0 ? -1 : Number(ref rest);
        _declaredPlainBytes = (flags & HasSize) == 0 ? -1 : Number(ref rest);
        bool isFollowed = false;
        for (int filters = (flags & 3) + 1; filters > 0; filters--)
        {
            long filter = Number(ref rest);
            long properties = Number(ref rest);
            if (properties > rest.Length)
            {
                throw Malformed("a block header is too short for its filters");
            }

            if (filter is not (Lzma2 or (>= FirstBranchFilter and <= LastBranchFilter)))
            {
                throw Unsupported($"filter {filter}");
            }

            isFollowed = filter == Lzma2;
            if (isFollowed)
            {
                CheckWindow(properties == 1 ? rest[0] : throw Malformed("the LZMA2 filter does not have exactly one byte of properties"));
            }

            rest = rest[(int)properties..];
        }

        if (!isFollowed)
        {
            throw Malformed("the last filter of a block is not LZMA2");
        }
    }

    private void CheckWindow(byte coded)
    {
        const byte CodedMax = 40;
        if (coded > CodedMax)
        {
            throw Malformed("the window size of a block is invalid");
        }

        long window = coded == CodedMax ? uint.MaxValue : (2L | (uint)(coded & 1)) << ((coded / 2) + 11);
        if (window > limits.XzWindowBytes)
        {
            Throw.LimitExceeded(nameof(Limits.XzWindowBytes), limits.XzWindowBytes, $"xz: a window of {window} bytes");
        }
    }

    // Seven bits per byte, lowest first.
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

        throw Malformed("a number in a block header is too long");
    }

    private static MalformedDataException Unsupported(string what) =>
        new(Fault.UnsupportedCompression, 0, $"xz: {what} is not supported");

    private static MalformedDataException Malformed(string why) => new(Fault.XzStream, 0, why);
}
