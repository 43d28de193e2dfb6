using System.Buffers;
using System.Diagnostics;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>
/// Decodes DEFLATE (RFC 1951) as a stream; input and output may be cut anywhere.
/// <para>
/// Bits are in a <see cref="BitBuffer"/>. Unless a call returns NeedMoreData, it gives whole unused bytes back to the caller's span and
/// keeps fewer than eight bits. With NeedMoreData it keeps the bits of an incomplete element. Every element except stored data and
/// matches is decoded as a whole or not at all.
/// </para>
/// <para>
/// Speed: 64 bits are loaded at a time; one lookup gives a symbol, its base value and the number of its bits; up to three literals are
/// decoded between two loads; the next lookup overlaps with the copy of a match; matches are copied 16 bytes at a time and may
/// overshoot. This needs margins in input and output: the fast loop (<c>Inflater.Fast.cs</c>) checks them once per iteration, and the
/// careful loop in this file handles the rest.
/// </para>
/// </summary>
internal sealed partial class Inflater
{
    /// <summary>The maximum distance of a match.</summary>
    public const int WindowBytes = 32 << 10;

    private readonly DynamicCodes _dynamicCodes = new();
    private uint[] _lengthTable = FixedCodes.LengthTable;
    private uint[] _distanceTable = FixedCodes.DistanceTable;
    private bool _isFlat;
    private State _state;
    private BitBuffer _buffer;
    private bool _isFinalBlock;
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
        DynamicCodes,
        Symbols,
        Match,
        Done,
        Failed,
    }

    /// <summary>Notified once of every block; null for none.</summary>
    public IBlockObserver? Observer { get; init; }

    /// <summary>The fault, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public Fault Fault { get; private set; }

    public string FaultMessage { get; private set; } = "";

    /// <summary>Begins a new stream.</summary>
    public void Reset()
    {
        _state = State.BlockHeader;
        _buffer = default;
        _isFinalBlock = false;
        _inputBytes = 0;
        _outputBytes = 0;
        Fault = Fault.None;
    }

    /// <summary>Decodes into <c>target[position..]</c>. The bytes before it must be the latest output of this stream:
    /// <see cref="WindowBytes"/> of them, or all if there are fewer.</summary>
    /// <returns>Done after the final block; the bytes from <paramref name="consumed"/> on do not belong to the stream.</returns>
    public OperationStatus Inflate(
        ReadOnlySpan<byte> source, Span<byte> target, int position, out int consumed, out int written)
    {
        var input = new ByteCursor(source);
        int output = position;
        int floor = (int)Math.Max(0, position - _outputBytes);
        OperationStatus status = Run(ref input, target, ref output, position, floor);
        if (status != OperationStatus.NeedMoreData)
        {
            _buffer.GiveBack(ref input);
        }

        consumed = input.Position;
        written = output - position;
        _inputBytes += consumed;
        _outputBytes += written;
        return status;
    }

    private OperationStatus Run(ref ByteCursor input, Span<byte> target, ref int output, int position, int floor)
    {
        while (true)
        {
            OperationStatus? stop = _state switch
            {
                State.BlockHeader => ReadBlockHeader(ref input, target[Math.Max(floor, output - WindowBytes)..output], output - position),
                State.StoredLength => ReadStoredLength(ref input),
                State.StoredData => CopyStored(ref input, target, ref output),
                State.DynamicCodes => ReadDynamicCodes(ref input),
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

    // Each state returns null if decoding goes on, in the same or another state.
    private OperationStatus? ReadBlockHeader(ref ByteCursor input, ReadOnlySpan<byte> window, int outputBytes)
    {
        if (!_buffer.TryFill(ref input, 3))
        {
            return OperationStatus.NeedMoreData;
        }

        Observer?.BlockBegins(((_inputBytes + input.Position) * 8) - _buffer.Count, _outputBytes + outputBytes, window);
        _isFinalBlock = _buffer.Take(1) != 0;
        switch (_buffer.Take(2))
        {
            case 0:
                _state = State.StoredLength;
                return null;
            case 1:
                _lengthTable = FixedCodes.LengthTable;
                _distanceTable = FixedCodes.DistanceTable;
                _isFlat = false;
                _state = State.Symbols;
                return null;
            case 2:
                _dynamicCodes.Begin();
                _state = State.DynamicCodes;
                return null;
            default:
                return Fail(Fault.DeflateBlockType, "deflate: a block has the reserved type 3");
        }
    }

    private OperationStatus? ReadStoredLength(ref ByteCursor input)
    {
        // The length is at the next byte boundary. If this is called again for more input, there are no odd bits left to drop.
        _buffer.Take(_buffer.Count & 7);
        if (!_buffer.TryFill(ref input, 32))
        {
            return OperationStatus.NeedMoreData;
        }

        int length = (int)_buffer.Take(16);
        int complement = (int)_buffer.Take(16);
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

    private OperationStatus? CopyStored(ref ByteCursor input, Span<byte> target, ref int output)
    {
        _buffer.GiveBack(ref input);
        Debug.Assert(_buffer.Count == 0, "Stored data begins at a byte boundary, and all loaded bytes came from this call's input.");
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

    private OperationStatus? ReadDynamicCodes(ref ByteCursor input)
    {
        switch (_dynamicCodes.Read(ref _buffer, ref input))
        {
            case OperationStatus.NeedMoreData:
                return OperationStatus.NeedMoreData;
            case OperationStatus.InvalidData:
                return Fail(_dynamicCodes.Fault, _dynamicCodes.FaultMessage);
            default:
                _lengthTable = _dynamicCodes.LengthTable;
                _distanceTable = _dynamicCodes.DistanceTable;
                _isFlat = _dynamicCodes.LiteralsOf(FlatBits) >= FlatCodesMin;
                _state = State.Symbols;
                return null;
        }
    }

    private OperationStatus? ReadSymbols(ref ByteCursor input, Span<byte> target, ref int output, int floor)
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

    // The careful loop: decodes one symbol, as a whole or not at all.
    private OperationStatus? ReadOneSymbol(ref ByteCursor input, Span<byte> target, ref int output, int floor)
    {
        // The longest symbol: a length of 15 + 5 bits and a distance of 15 + 13.
        const int SymbolBitsMax = 48;
        _buffer.TryFill(ref input, SymbolBitsMax);
        ulong bits = _buffer.Bits;
        int left = _buffer.Count;
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
            _buffer.Commit(bits >> consume, left - consume);
            return null;
        }

        if ((entry & HuffmanTable.Exceptional) != 0)
        {
            if ((entry & HuffmanTable.EndOfBlock) == 0)
            {
                return FailSymbol("length");
            }

            _buffer.Commit(bits >> consume, left - consume);
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

        _buffer.Commit(bits >> consume, left - consume);
        _matchLength = length;
        _matchDistance = distance;
        _state = State.Match;
        return null;
    }

    // The end of the target may cut a match; the next call copies the rest.
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
            // If there are too few bits, the count becomes negative, and the caller sees that.
            bits >>= rootBits;
            left -= rootBits;
            int subtableBits = (int)((entry >> HuffmanTable.CodeBitsShift) & HuffmanTable.CodeBitsMask);
            entry = table[(int)(entry >> HuffmanTable.ValueShift) + ((int)bits & ((1 << subtableBits) - 1))];
        }

        return entry;
    }

    // The base value plus the extra bits.
    private static int Value(uint entry, ulong bits)
    {
        int codeBits = (int)((entry >> HuffmanTable.CodeBitsShift) & HuffmanTable.CodeBitsMask);
        ulong extra = (bits & ((1UL << ((int)entry & HuffmanTable.ConsumeMask)) - 1)) >> codeBits;
        return (int)(entry >> HuffmanTable.ValueShift) + (int)extra;
    }

    private void EndBlock() => _state = _isFinalBlock ? State.Done : State.BlockHeader;

    private OperationStatus? Fail(Fault fault, string message)
    {
        Fault = fault;
        FaultMessage = message;
        _state = State.Failed;
        return OperationStatus.InvalidData;
    }

    private OperationStatus? FailSymbol(string kind) =>
        Fail(Fault.DeflateSymbol, $"deflate: an invalid {kind} code");

    private OperationStatus? FailDistance(int distance, int available) => Fail(
        Fault.DeflateDistance, $"deflate: a match reaches {distance} bytes back, but only {available} precede it");
}
