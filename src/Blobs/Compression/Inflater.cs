using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>
/// DEFLATE (RFC 1951), streaming, from any pieces of input to any pieces of output.
/// <para>
/// State of the bit stream: <c>_bits</c> holds the next bits of the input, the first one lowest; <c>_bitCount</c> says how many of them are
/// valid. Every return but NeedMoreData gives whole bytes back to the caller's span, so fewer than eight bits stay; NeedMoreData
/// keeps what is too little for the next element. All elements but stored data and matches are taken whole or not at all.
/// </para>
/// <para>
/// Why it is fast: 64 bits are loaded at a time; one lookup gives a symbol, its base value and all its bits; up to three literals pass
/// between two loads; the next lookup is on its way while a match is copied; matches are copied 16 bytes at a time beyond their
/// end. That needs room on both sides: the fast loop (<c>Inflater.Fast.cs</c>) checks its margins once a turn, and the careful
/// one here does the rest.
/// </para>
/// </summary>
internal sealed partial class Inflater
{
    /// <summary>How far a match reaches back at most.</summary>
    public const int WindowBytes = 32 << 10;

    // RFC 1951, 3.2.7: the order in which the lengths of the pre-code stand.
    private static readonly byte[] PrecodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static readonly uint[] FixedLengthTable = MakeFixedLengthTable();
    private static readonly uint[] FixedDistanceTable = MakeFixedDistanceTable();

    private readonly uint[] _dynamicLengthTable = new uint[HuffmanTable.LengthEntries];
    private readonly uint[] _dynamicDistanceTable = new uint[HuffmanTable.DistanceEntries];
    private readonly uint[] _precodeTable = new uint[HuffmanTable.PrecodeEntries];
    private readonly byte[] _codeLengths = new byte[HuffmanTable.LengthSymbols + HuffmanTable.DistanceSymbols];
    private uint[] _lengthTable = FixedLengthTable;
    private uint[] _distanceTable = FixedDistanceTable;
    private bool _isFlat;
    private State _state;
    private ulong _bits;
    private int _bitCount;
    private bool _isFinalBlock;
    private int _lengthCount;
    private int _distanceCount;
    private int _precodeCount;
    private int _index;
    private int _storedRemaining;
    private int _matchLength;
    private int _matchDistance;
    private long _inputBytes;
    private long _outputBytes;

    private enum State
    {
        BlockHeader,
        StoredLength,
        StoredData,
        DynamicCounts,
        PrecodeLengths,
        CodeLengths,
        Symbols,
        Match,
        Done,
        Failed,
    }

    /// <summary>Told of every block, once for each; costs nothing when null.</summary>
    public IBlockObserver? Observer { get; init; }

    /// <summary>What was wrong, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public Fault Fault { get; private set; }

    public string FaultMessage { get; private set; } = "";

    /// <summary>Begins a new stream.</summary>
    public void Reset()
    {
        _state = State.BlockHeader;
        _bits = 0;
        _bitCount = 0;
        _isFinalBlock = false;
        _inputBytes = 0;
        _outputBytes = 0;
        Fault = Fault.None;
    }

    /// <summary>Inflates into <c>target[position..]</c>; the bytes before it are this stream's latest output, as many as
    /// <see cref="WindowBytes"/> or all there are.</summary>
    /// <returns>Done when the final block has ended: the bytes from <paramref name="consumed"/> on are not the stream's.</returns>
    public OperationStatus Inflate(
        ReadOnlySpan<byte> source, Span<byte> target, int position, out int consumed, out int written)
    {
        var input = new Cursor(source);
        int output = position;
        int floor = (int)Math.Max(0, position - _outputBytes);
        OperationStatus status = Run(ref input, target, ref output, position, floor);
        if (status != OperationStatus.NeedMoreData)
        {
            GiveBack(ref input);
        }

        consumed = input.Position;
        written = output - position;
        _inputBytes += consumed;
        _outputBytes += written;
        return status;
    }

    private OperationStatus Run(ref Cursor input, Span<byte> target, ref int output, int position, int floor)
    {
        while (true)
        {
            OperationStatus? stop = _state switch
            {
                State.BlockHeader => ReadBlockHeader(ref input, target[Math.Max(floor, output - WindowBytes)..output], output - position),
                State.StoredLength => ReadStoredLength(ref input),
                State.StoredData => CopyStored(ref input, target, ref output),
                State.DynamicCounts => ReadDynamicCounts(ref input),
                State.PrecodeLengths => ReadPrecodeLengths(ref input),
                State.CodeLengths => ReadCodeLengths(ref input),
                State.Symbols => ReadSymbols(ref input, target, ref output, floor),
                State.Match => CopyMatch(target, ref output),
                State.Done => OperationStatus.Done,
                _ => OperationStatus.InvalidData,
            };
            if (stop is { } status)
            {
                return status;
            }
        }
    }

    // A state returns null when another one follows.
    private OperationStatus? ReadBlockHeader(ref Cursor input, ReadOnlySpan<byte> window, int outputBytes)
    {
        if (!TryFill(ref input, 3))
        {
            return OperationStatus.NeedMoreData;
        }

        Observer?.BlockBegins(((_inputBytes + input.Position) * 8) - _bitCount, _outputBytes + outputBytes, window);
        _isFinalBlock = Take(1) != 0;
        switch (Take(2))
        {
            case 0:
                _state = State.StoredLength;
                return null;
            case 1:
                _lengthTable = FixedLengthTable;
                _distanceTable = FixedDistanceTable;
                _isFlat = false;
                _state = State.Symbols;
                return null;
            case 2:
                _state = State.DynamicCounts;
                return null;
            default:
                return Fail(Fault.DeflateBlockType, "deflate: a block has type 3, which does not exist");
        }
    }

    private OperationStatus? ReadStoredLength(ref Cursor input)
    {
        // The length stands at the next byte boundary. Dropping the odd bits again when called again does no harm: none are left.
        Take(_bitCount & 7);
        if (!TryFill(ref input, 32))
        {
            return OperationStatus.NeedMoreData;
        }

        int length = (int)Take(16);
        int complement = (int)Take(16);
        if (length != (complement ^ 0xffff))
        {
            return Fail(
                Fault.DeflateStoredLength,
                $"deflate: a stored block has length 0x{length:x4}, but its complement is 0x{complement:x4}");
        }

        _storedRemaining = length;
        _state = State.StoredData;
        return null;
    }

    private OperationStatus? CopyStored(ref Cursor input, Span<byte> target, ref int output)
    {
        GiveBack(ref input);
        Debug.Assert(_bitCount == 0, "Stored data begins at a byte, and all filled bytes were of this call.");
        int length = Math.Min(_storedRemaining, Math.Min(input.Left, target.Length - output));
        input.Take(length).CopyTo(target[output..]);
        output += length;
        _storedRemaining -= length;
        if (_storedRemaining == 0)
        {
            EndBlock();
            return null;
        }

        return output == target.Length ? OperationStatus.DestinationTooSmall : OperationStatus.NeedMoreData;
    }

    private OperationStatus? ReadDynamicCounts(ref Cursor input)
    {
        if (!TryFill(ref input, 14))
        {
            return OperationStatus.NeedMoreData;
        }

        _lengthCount = (int)Take(5) + 257;
        _distanceCount = (int)Take(5) + 1;
        _precodeCount = (int)Take(4) + 4;
        if (_lengthCount > 286 || _distanceCount > 30)
        {
            return Fail(
                Fault.DeflateSymbolCount,
                $"deflate: a block declares {_lengthCount} length and {_distanceCount} distance symbols; 286 and 30 exist");
        }

        _index = 0;
        _codeLengths.AsSpan(0, HuffmanTable.PrecodeSymbols).Clear();
        _state = State.PrecodeLengths;
        return null;
    }

    private OperationStatus? ReadPrecodeLengths(ref Cursor input)
    {
        for (; _index < _precodeCount; _index++)
        {
            if (!TryFill(ref input, 3))
            {
                return OperationStatus.NeedMoreData;
            }

            _codeLengths[PrecodeOrder[_index]] = (byte)Take(3);
        }

        bool isBuilt = HuffmanTable.TryBuild(
            _precodeTable,
            HuffmanTable.PrecodeRootBits,
            _codeLengths.AsSpan(0, HuffmanTable.PrecodeSymbols),
            HuffmanTable.PrecodeTemplates,
            mayBeIncomplete: false);
        if (!isBuilt)
        {
            return Fail(Fault.DeflateCode, "deflate: the code of the code lengths is over-subscribed or incomplete");
        }

        _index = 0;
        _state = State.CodeLengths;
        return null;
    }

    private OperationStatus? ReadCodeLengths(ref Cursor input)
    {
        int total = _lengthCount + _distanceCount;
        while (_index < total)
        {
            // A code of at most 7 bits and at most 7 extra bits. Near the end of the input fewer may do.
            TryFill(ref input, 14);
            uint entry = _precodeTable[(int)_bits & (HuffmanTable.PrecodeEntries - 1)];
            int codeBits = (int)entry & HuffmanTable.ConsumeMask;
            int symbol = (int)(entry >> HuffmanTable.ValueShift);
            int extraBits = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
            if (_bitCount < codeBits + extraBits)
            {
                return OperationStatus.NeedMoreData;
            }

            Take(codeBits);
            if (symbol < 16)
            {
                _codeLengths[_index++] = (byte)symbol;
                continue;
            }

            int count = (int)Take(extraBits) + (symbol == 18 ? 11 : 3);
            if (_index + count > total || (symbol == 16 && _index == 0))
            {
                return Fail(Fault.DeflateRepeat, "deflate: a code length repeats past the end of the list, or nothing");
            }

            byte repeated = symbol == 16 ? _codeLengths[_index - 1] : (byte)0;
            _codeLengths.AsSpan(_index, count).Fill(repeated);
            _index += count;
        }

        return BuildDynamicTables();
    }

    private OperationStatus? BuildDynamicTables()
    {
        if (_codeLengths[HuffmanTable.EndOfBlockSymbol] == 0)
        {
            return Fail(Fault.DeflateCode, "deflate: a block has no code for its end");
        }

        bool areBuilt =
            HuffmanTable.TryBuild(
                _dynamicLengthTable,
                HuffmanTable.LengthRootBits,
                _codeLengths.AsSpan(0, _lengthCount),
                HuffmanTable.LengthTemplates,
                mayBeIncomplete: true)
            && HuffmanTable.TryBuild(
                _dynamicDistanceTable,
                HuffmanTable.DistanceRootBits,
                _codeLengths.AsSpan(_lengthCount, _distanceCount),
                HuffmanTable.DistanceTemplates,
                mayBeIncomplete: true);
        if (!areBuilt)
        {
            return Fail(Fault.DeflateCode, "deflate: a block's code is over-subscribed or incomplete");
        }

        _lengthTable = _dynamicLengthTable;
        _distanceTable = _dynamicDistanceTable;
        _isFlat = _codeLengths.AsSpan(0, HuffmanTable.EndOfBlockSymbol).Count((byte)FlatBits) >= FlatCodesMin;
        _state = State.Symbols;
        return null;
    }

    private OperationStatus? ReadSymbols(ref Cursor input, Span<byte> target, ref int output, int floor)
    {
        if (input.Left >= FastInputMargin && target.Length - output >= FastOutputMargin)
        {
            OperationStatus? failure = RunFast(ref input, target, ref output, floor);
            if (failure is not null || _state != State.Symbols)
            {
                return failure;
            }
        }

        return ReadOneSymbol(ref input, target, ref output, floor);
    }

    // The careful way: one symbol, whole or not at all.
    private OperationStatus? ReadOneSymbol(ref Cursor input, Span<byte> target, ref int output, int floor)
    {
        // The longest symbol: a length of 15 + 5 bits and a distance of 15 + 13.
        const int SymbolBitsMax = 48;
        TryFill(ref input, SymbolBitsMax);
        ulong bits = _bits;
        int left = _bitCount;
        uint entry = Lookup(_lengthTable, HuffmanTable.LengthRootBits, ref bits, ref left);
        int consume = (int)entry & HuffmanTable.ConsumeMask;
        if (left < consume)
        {
            return OperationStatus.NeedMoreData;
        }

        if ((entry & HuffmanTable.Literal) != 0)
        {
            if (output == target.Length)
            {
                return OperationStatus.DestinationTooSmall;
            }

            target[output++] = (byte)(entry >> HuffmanTable.ValueShift);
            Commit(bits >> consume, left - consume);
            return null;
        }

        if ((entry & HuffmanTable.Exceptional) != 0)
        {
            if ((entry & HuffmanTable.EndOfBlock) == 0)
            {
                return FailSymbol("length");
            }

            Commit(bits >> consume, left - consume);
            EndBlock();
            return null;
        }

        int length = Value(entry, bits);
        bits >>= consume;
        left -= consume;
        entry = Lookup(_distanceTable, HuffmanTable.DistanceRootBits, ref bits, ref left);
        consume = (int)entry & HuffmanTable.ConsumeMask;
        if (left < consume)
        {
            return OperationStatus.NeedMoreData;
        }

        if ((entry & HuffmanTable.Exceptional) != 0)
        {
            return FailSymbol("distance");
        }

        int distance = Value(entry, bits);
        if (distance > output - floor)
        {
            return FailDistance(distance, output - floor);
        }

        Commit(bits >> consume, left - consume);
        _matchLength = length;
        _matchDistance = distance;
        _state = State.Match;
        return null;
    }

    // A match may be cut by the end of the target; the rest follows with the next one.
    private OperationStatus? CopyMatch(Span<byte> target, ref int output)
    {
        int length = Math.Min(_matchLength, target.Length - output);
        for (int end = output + length; output < end; output++)
        {
            target[output] = target[output - _matchDistance];
        }

        _matchLength -= length;
        if (_matchLength > 0)
        {
            return OperationStatus.DestinationTooSmall;
        }

        _state = State.Symbols;
        return null;
    }

    private static uint Lookup(uint[] table, int rootBits, ref ulong bits, ref int left)
    {
        uint entry = table[(int)bits & ((1 << rootBits) - 1)];
        if ((entry & HuffmanTable.Subtable) != 0)
        {
            // With too few bits left the count goes below zero, and the caller sees that it is too little.
            bits >>= rootBits;
            left -= rootBits;
            int subtableBits = (int)((entry >> HuffmanTable.CodeBitsShift) & HuffmanTable.CodeBitsMask);
            entry = table[(int)(entry >> HuffmanTable.ValueShift) + ((int)bits & ((1 << subtableBits) - 1))];
        }

        return entry;
    }

    // Base value and extra bits.
    private static int Value(uint entry, ulong bits)
    {
        int codeBits = (int)((entry >> HuffmanTable.CodeBitsShift) & HuffmanTable.CodeBitsMask);
        ulong extra = (bits & ((1UL << ((int)entry & HuffmanTable.ConsumeMask)) - 1)) >> codeBits;
        return (int)(entry >> HuffmanTable.ValueShift) + (int)extra;
    }

    private void EndBlock() => _state = _isFinalBlock ? State.Done : State.BlockHeader;

    private bool TryFill(ref Cursor input, int bitCount)
    {
        if (_bitCount >= bitCount)
        {
            return true;
        }

        if (input.Left >= sizeof(ulong))
        {
            int bytes = (63 - _bitCount) >> 3;
            _bits |= BinaryPrimitives.ReadUInt64LittleEndian(input.Bytes[input.Position..]) << _bitCount;
            input.Position += bytes;
            _bitCount += bytes << 3;
            _bits &= (1UL << _bitCount) - 1;
            return true;
        }

        while (_bitCount < bitCount)
        {
            if (input.Left == 0)
            {
                return false;
            }

            _bits |= (ulong)input.TakeByte() << _bitCount;
            _bitCount += 8;
        }

        return true;
    }

    private uint Take(int bitCount)
    {
        uint value = (uint)(_bits & ((1UL << bitCount) - 1));
        _bits >>= bitCount;
        _bitCount -= bitCount;
        return value;
    }

    private void Commit(ulong bits, int bitCount)
    {
        _bits = bits;
        _bitCount = bitCount;
    }

    // Whole bytes that were loaded and not needed go back to the span they came from.
    private void GiveBack(ref Cursor input)
    {
        int bytes = Math.Min(_bitCount >> 3, input.Position);
        input.Position -= bytes;
        _bitCount -= bytes << 3;
        _bits &= (1UL << _bitCount) - 1;
    }

    private OperationStatus? Fail(Fault fault, string message)
    {
        Fault = fault;
        FaultMessage = message;
        _state = State.Failed;
        return OperationStatus.InvalidData;
    }

    private OperationStatus? FailSymbol(string kind) =>
        Fail(Fault.DeflateSymbol, $"deflate: a {kind} code stands for nothing");

    private OperationStatus? FailDistance(int distance, int available) => Fail(
        Fault.DeflateDistance, $"deflate: a match reaches {distance} bytes back where {available} were written");

    private static uint[] MakeFixedLengthTable()
    {
        // RFC 1951, 3.2.6.
        Span<byte> lengths = stackalloc byte[HuffmanTable.LengthSymbols];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        var table = new uint[HuffmanTable.LengthEntries];
        bool isBuilt = HuffmanTable.TryBuild(
            table, HuffmanTable.LengthRootBits, lengths, HuffmanTable.LengthTemplates, mayBeIncomplete: false);
        Debug.Assert(isBuilt, "The fixed code is complete.");
        return table;
    }

    private static uint[] MakeFixedDistanceTable()
    {
        Span<byte> lengths = stackalloc byte[HuffmanTable.DistanceSymbols];
        lengths.Fill(5);
        var table = new uint[HuffmanTable.DistanceEntries];
        bool isBuilt = HuffmanTable.TryBuild(
            table, HuffmanTable.DistanceRootBits, lengths, HuffmanTable.DistanceTemplates, mayBeIncomplete: false);
        Debug.Assert(isBuilt, "The fixed code is complete.");
        return table;
    }

    /// <summary>The caller's span and how much of it was taken.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        public readonly ReadOnlySpan<byte> Bytes = bytes;

        public int Position { get; set; }

        public readonly int Left => Bytes.Length - Position;

        public byte TakeByte() => Bytes[Position++];

        public ReadOnlySpan<byte> Take(int length)
        {
            ReadOnlySpan<byte> taken = Bytes.Slice(Position, length);
            Position += length;
            return taken;
        }
    }
}
