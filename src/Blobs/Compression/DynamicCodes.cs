using System.Buffers;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>
/// Reads the Huffman codes of a DEFLATE block with dynamic codes (RFC 1951, 3.2.7): the number of symbols, the precode (the code of
/// the code lengths), and with it the code lengths of the two codes. The input may be cut anywhere; each element is read as a whole or
/// not at all.
/// </summary>
internal sealed class DynamicCodes
{
    // The order of the code lengths of the precode.
    private static readonly byte[] PrecodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly uint[] _precodeTable = new uint[HuffmanTable.PrecodeEntries];
    private readonly byte[] _codeLengths = new byte[HuffmanTable.LengthSymbols + HuffmanTable.DistanceSymbols];
    private Step _step;
    private int _lengthCount;
    private int _distanceCount;
    private int _precodeCount;
    private int _index;

    private enum Step
    {
        Counts,
        PrecodeLengths,
        CodeLengths,
    }

    public uint[] LengthTable { get; } = new uint[HuffmanTable.LengthEntries];

    public uint[] DistanceTable { get; } = new uint[HuffmanTable.DistanceEntries];

    /// <summary>The fault, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public Fault Fault { get; private set; }

    public string FaultMessage { get; private set; } = "";

    /// <summary>Begins a block.</summary>
    public void Begin() => _step = Step.Counts;

    /// <summary>Reads as far as the input goes; Done when both tables are built.</summary>
    public OperationStatus Read(ref BitBuffer buffer, ref ByteCursor input)
    {
        while (true)
        {
            OperationStatus? stop = _step switch
            {
                Step.Counts => ReadCounts(ref buffer, ref input),
                Step.PrecodeLengths => ReadPrecodeLengths(ref buffer, ref input),
                _ => ReadCodeLengths(ref buffer, ref input),
            };
            if (stop is { } status)
            {
                return status;
            }
        }
    }

    /// <summary>Number of literals whose codes have <paramref name="bits"/> bits.</summary>
    public int LiteralsOf(int bits) => _codeLengths.AsSpan(0, HuffmanTable.EndOfBlockSymbol).Count((byte)bits);

    // Each step returns null if another one follows.
    private OperationStatus? ReadCounts(ref BitBuffer buffer, ref ByteCursor input)
    {
        if (!buffer.TryFill(ref input, 14))
        {
            return OperationStatus.NeedMoreData;
        }

        _lengthCount = (int)buffer.Take(5) + 257;
        _distanceCount = (int)buffer.Take(5) + 1;
        _precodeCount = (int)buffer.Take(4) + 4;
        if (_lengthCount > 286 || _distanceCount > 30)
        {
            return Fail(
                Fault.DeflateSymbolCount,
                $"deflate: a block declares {_lengthCount} length and {_distanceCount} distance symbols; 286 and 30 exist");
        }

        _index = 0;
        _codeLengths.AsSpan(0, HuffmanTable.PrecodeSymbols).Clear();
        _step = Step.PrecodeLengths;
        return null;
    }

    private OperationStatus? ReadPrecodeLengths(ref BitBuffer buffer, ref ByteCursor input)
    {
        for (; _index < _precodeCount; _index++)
        {
            if (!buffer.TryFill(ref input, 3))
            {
                return OperationStatus.NeedMoreData;
            }

            _codeLengths[PrecodeOrder[_index]] = (byte)buffer.Take(3);
        }

        bool isBuilt = HuffmanTable.TryBuild(
            _precodeTable,
            HuffmanTable.PrecodeRootBits,
            _codeLengths.AsSpan(0, HuffmanTable.PrecodeSymbols),
            HuffmanTable.PrecodeTemplates,
            mayBeIncomplete: false);
        if (!isBuilt)
        {
            return Fail(Fault.DeflateCode, "deflate: the code for the code lengths is over-subscribed or incomplete");
        }

        _index = 0;
        _step = Step.CodeLengths;
        return null;
    }

    private OperationStatus? ReadCodeLengths(ref BitBuffer buffer, ref ByteCursor input)
    {
        int total = _lengthCount + _distanceCount;
        while (_index < total)
        {
            // A code has at most 7 bits and at most 7 extra bits. At the end of the input there may be fewer, and they may be enough.
            buffer.TryFill(ref input, 14);
            uint entry = _precodeTable[(int)buffer.Bits & (HuffmanTable.PrecodeEntries - 1)];
            int codeBits = (int)entry & HuffmanTable.ConsumeMask;
            int symbol = (int)(entry >> HuffmanTable.ValueShift);
            int extraBits = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
            if (buffer.Count < codeBits + extraBits)
            {
                return OperationStatus.NeedMoreData;
            }

            buffer.Take(codeBits);
            if (symbol < 16)
            {
                _codeLengths[_index++] = (byte)symbol;
                continue;
            }

            int count = (int)buffer.Take(extraBits) + (symbol == 18 ? 11 : 3);
            if (_index + count > total || (symbol == 16 && _index == 0))
            {
                return Fail(
                    Fault.DeflateRepeat, "deflate: a repeated code length has nothing to repeat, or exceeds the number of symbols");
            }

            byte repeated = symbol == 16 ? _codeLengths[_index - 1] : (byte)0;
            _codeLengths.AsSpan(_index, count).Fill(repeated);
            _index += count;
        }

        return BuildTables();
    }

    private OperationStatus BuildTables()
    {
        if (_codeLengths[HuffmanTable.EndOfBlockSymbol] == 0)
        {
            return Fail(Fault.DeflateCode, "deflate: a block has no code for the end-of-block symbol");
        }

        bool areBuilt =
            HuffmanTable.TryBuild(
                LengthTable,
                HuffmanTable.LengthRootBits,
                _codeLengths.AsSpan(0, _lengthCount),
                HuffmanTable.LengthTemplates,
                mayBeIncomplete: true)
            && HuffmanTable.TryBuild(
                DistanceTable,
                HuffmanTable.DistanceRootBits,
                _codeLengths.AsSpan(_lengthCount, _distanceCount),
                HuffmanTable.DistanceTemplates,
                mayBeIncomplete: true);
        if (!areBuilt)
        {
            return Fail(Fault.DeflateCode, "deflate: a block's code is over-subscribed or incomplete");
        }

        return OperationStatus.Done;
    }

    private OperationStatus Fail(Fault fault, string message)
    {
        Fault = fault;
        FaultMessage = message;
        return OperationStatus.InvalidData;
    }
}
