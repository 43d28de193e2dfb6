using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Blobs.Compression;

/// <summary>
/// Builds decoding tables for the canonical Huffman codes of DEFLATE (RFC 1951, 3.2.2). A lookup by the next bits of the stream gives
/// an entry that describes a symbol completely, so that one shift consumes its code and extra bits together:
/// <code>
/// bits 0..5    number of bits to consume: code and extra bits
/// bits 8..11   number of bits of the code alone; the extra bits follow them
/// bit  12      invalid code
/// bit  13      end of block
/// bit  14      continue in a subtable: bits 0..5 are the root's bits, bits 8..11 the subtable's, the value is its start
/// bit  15      one of bits 12 to 14 is set
/// bits 16..30  literal, base of the length or distance, or start of the subtable
/// bit  31      a literal
/// </code>
/// </summary>
internal static class HuffmanTable
{
    public const int CodeBitsMax = 15;

    public const uint Invalid = 1u << 12;
    public const uint EndOfBlock = 1u << 13;
    public const uint Subtable = 1u << 14;
    public const uint Exceptional = 1u << 15;
    public const uint Literal = 1u << 31;

    public const int ValueShift = 16;
    public const int CodeBitsShift = 8;
    public const uint CodeBitsMask = 15;
    public const int ConsumeMask = 63;

    /// <summary>Bits of the first lookup, and the number of entries that is enough for any code: zlib's <c>enough</c> program
    /// computes 2342 for 286 symbols and 11 bits, 402 for 30 symbols and 8 bits. The precode (the code of the code lengths) needs
    /// no subtables.</summary>
    public const int LengthRootBits = 11;
    public const int LengthEntries = 2342;
    public const int DistanceRootBits = 8;
    public const int DistanceEntries = 402;
    public const int PrecodeRootBits = 7;
    public const int PrecodeEntries = 1 << PrecodeRootBits;

    public const int LengthSymbols = 288;
    public const int DistanceSymbols = 32;
    public const int PrecodeSymbols = 19;
    public const int EndOfBlockSymbol = 256;

    /// <summary>Entries of literals, the end of a block, and lengths (RFC 1951, 3.2.5), without the bits of their codes.</summary>
    public static readonly uint[] LengthTemplates = MakeLengthTemplates();

    public static readonly uint[] DistanceTemplates = MakeDistanceTemplates();

    public static readonly uint[] PrecodeTemplates =
        [.. Enumerable.Range(0, PrecodeSymbols).Select(symbol => (uint)symbol << ValueShift)];

    /// <summary>Builds a table; false if the code is over-subscribed or incomplete. With <paramref name="mayBeIncomplete"/> a code of
    /// no symbols, or of one symbol of one bit, is allowed, as in zlib.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryBuild(
        Span<uint> table, int rootBits, ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> templates, bool mayBeIncomplete)
    {
        Span<ushort> counts = stackalloc ushort[CodeBitsMax + 1];
        counts.Clear();
        foreach (byte length in lengths)
        {
            counts[length]++;
        }

        int longest = CodeBitsMax;
        while (longest > 0 && counts[longest] == 0)
        {
            longest--;
        }

        int unused = 1;
        for (int length = 1; length <= CodeBitsMax; length++)
        {
            unused = (unused << 1) - counts[length];
            if (unused < 0)
            {
                return false;
            }
        }

        if (unused > 0 && !(mayBeIncomplete && longest <= 1))
        {
            return false;
        }

        if (unused > 0)
        {
            // At most one code of one bit; the other values of the bit are invalid.
            table[..2].Fill(Exceptional | Invalid | 1);
        }

        Span<ushort> sorted = stackalloc ushort[LengthSymbols];
        int symbolCount = Sort(lengths, counts, sorted);
        Fill(table, rootBits, longest, counts, sorted[..symbolCount], lengths, templates);
        return true;
    }

    // Sorts symbols by code length, then by value: the order in which canonical codes are assigned.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Sort(ReadOnlySpan<byte> lengths, ReadOnlySpan<ushort> counts, Span<ushort> sorted)
    {
        Span<ushort> starts = stackalloc ushort[CodeBitsMax + 2];
        starts[1] = 0;
        for (int length = 1; length <= CodeBitsMax; length++)
        {
            starts[length + 1] = (ushort)(starts[length] + counts[length]);
        }

        int total = starts[CodeBitsMax + 1];
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
            {
                sorted[starts[lengths[symbol]]++] = (ushort)symbol;
            }
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(
        Span<uint> table,
        int rootBits,
        int longest,
        Span<ushort> counts,
        ReadOnlySpan<ushort> sorted,
        ReadOnlySpan<byte> lengths,
        ReadOnlySpan<uint> templates)
    {
        // Codes are read from the top bit, the stream from the low bit, so `reversed` is the code with its bits reversed. After each
        // length the table is complete for codes of `length` bits; it doubles with each further bit, so a short code is written once.
        uint reversed = 0;
        int next = 0;
        for (int length = 1; length <= rootBits; length++)
        {
            for (int end = next + counts[length]; next < end; next++)
            {
                table[(int)reversed] = templates[sorted[next]] + ((uint)length << CodeBitsShift) + (uint)length;
                reversed = Increment(reversed, length);
            }

            counts[length] = 0;
            if (length < rootBits)
            {
                table[..(1 << length)].CopyTo(table[(1 << length)..]);
            }
        }

        int free = 1 << rootBits;
        int subtableStart = 0;
        int subtableBits = 0;
        uint subtablePrefix = uint.MaxValue;
        for (; next < sorted.Length; next++)
        {
            int length = lengths[sorted[next]];
            uint prefix = reversed & ((1u << rootBits) - 1);
            if (prefix != subtablePrefix)
            {
                subtablePrefix = prefix;
                subtableBits = SubtableBits(length, rootBits, longest, counts);
                subtableStart = free;
                free += 1 << subtableBits;
                Debug.Assert(free <= table.Length, "The table is large enough for any code.");
                table[(int)prefix] = Exceptional | Subtable | ((uint)subtableStart << ValueShift)
                    | ((uint)subtableBits << CodeBitsShift) | (uint)rootBits;
            }

            int rest = length - rootBits;
            uint entry = templates[sorted[next]] + ((uint)rest << CodeBitsShift) + (uint)rest;
            for (uint index = reversed >> rootBits; index < 1u << subtableBits; index += 1u << rest)
            {
                table[subtableStart + (int)index] = entry;
            }

            counts[length]--;
            reversed = Increment(reversed, length);
        }
    }

    // The smallest number of bits that holds all codes with the same root bits.
    private static int SubtableBits(int length, int rootBits, int longest, ReadOnlySpan<ushort> counts)
    {
        int bits = length - rootBits;
        int unused = 1 << bits;
        while (bits + rootBits < longest)
        {
            unused -= counts[bits + rootBits];
            if (unused <= 0)
            {
                break;
            }

            bits++;
            unused <<= 1;
        }

        return bits;
    }

    // Adds one to a code whose bits are reversed.
    private static uint Increment(uint reversed, int length)
    {
        // The carry goes to the highest clear bit, and clears the bits above it.
        uint free = ~reversed & ((1u << length) - 1);
        if (free == 0)
        {
            return 0;
        }

        uint bit = 1u << BitOperations.Log2(free);
        return (reversed & (bit - 1)) | bit;
    }

    private static uint[] MakeLengthTemplates()
    {
        var templates = new uint[LengthSymbols];
        for (uint symbol = 0; symbol < EndOfBlockSymbol; symbol++)
        {
            templates[symbol] = Literal | (symbol << ValueShift);
        }

        templates[EndOfBlockSymbol] = Exceptional | EndOfBlock;
        uint length = 3;
        for (int symbol = 257; symbol < 285; symbol++)
        {
            int extraBits = Math.Max(0, ((symbol - 257) / 4) - 1);
            templates[symbol] = (length << ValueShift) | (uint)extraBits;
            length += 1u << extraBits;
        }

        templates[285] = 258u << ValueShift;
        templates[286] = templates[287] = Exceptional | Invalid;
        return templates;
    }

    private static uint[] MakeDistanceTemplates()
    {
        var templates = new uint[DistanceSymbols];
        uint distance = 1;
        for (int symbol = 0; symbol < 30; symbol++)
        {
            int extraBits = Math.Max(0, (symbol / 2) - 1);
            templates[symbol] = (distance << ValueShift) | (uint)extraBits;
            distance += 1u << extraBits;
        }

        templates[30] = templates[31] = Exceptional | Invalid;
        return templates;
    }
}
