using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Blobs.Compression;

/// <content>
/// The fast loop. An iteration decodes up to three literals, or up to two literals and a match. It loads eight bytes of input at most
/// four times, advancing by at most seven each time, and writes at most two literals, a match of 258 bytes, and the 31 bytes by which
/// a copy may overshoot.
/// <para>
/// Bits: after a load at least 56 are valid. Two literals of at most 11 bits leave 34 for a length, which takes at most 20. A distance
/// takes at most 28, and the next lookup 11. Nearly always that many bits are left, so the conditional loads are branches that are not
/// taken, and a lookup waits only for the shift before it, not for a load. The load at the end of every iteration runs in parallel
/// with the lookup.
/// </para>
/// <para>
/// In a flat block, one that hardly compresses, there are long runs of literals, and nine out of ten have codes of eight bits. There
/// the third literal is followed by as many more as the valid bits allow. A branch tests whether a code has eight bits: the processor
/// predicts that it has, and continues with the next literal before it has loaded the entry. Otherwise each literal would wait for the
/// entry of the one before it.
/// </para>
/// </content>
internal sealed partial class Inflater
{
    private const int LoadBytes = sizeof(ulong);
    private const int LoadsPerTurn = 4;
    private const int FastInputMargin = LoadsPerTurn * LoadBytes;
    private const int MatchBytesMax = 258;
    private const int CopyBytes = 16;
    private const int FastOutputMargin = 3 + MatchBytesMax + (2 * CopyBytes);
    private const int DistanceBitsMax = 15 + 13;

    // A block is flat if at least this many of its 256 literals have codes of eight bits.
    private const int FlatBits = 8;
    private const int FlatCodesMin = 200;

    private unsafe OperationStatus? RunFast(ref ByteCursor input, Span<byte> target, ref int output, int floor)
    {
        fixed (byte* source = input.Bytes, destination = target)
        fixed (uint* lengthTable = _lengthTable, distanceTable = _distanceTable)
        {
            byte* next = source + input.Position;
            byte* write = destination + output;
            int left = _buffer.Count;
            FastExit exit = DecodeFast(
                ref next,
                source + input.Bytes.Length - FastInputMargin,
                ref write,
                destination + target.Length - FastOutputMargin,
                destination + floor,
                lengthTable,
                distanceTable,
                _isFlat,
                ref _buffer.Bits,
                ref left,
                out int distance);
            input.Position = (int)(next - source);
            output = (int)(write - destination);
            _buffer.Count = left;
            _buffer.GiveBack(ref input);
            switch (exit)
            {
                case FastExit.Margin:
                    return null;
                case FastExit.EndOfBlock:
                    EndBlock();
                    return null;
                case FastExit.BadDistance:
                    return FailDistance(distance, output - floor);
                default:
                    return FailSymbol(exit == FastExit.BadLengthSymbol ? "length" : "distance");
            }
        }
    }

    private enum FastExit
    {
        Margin,
        EndOfBlock,
        BadLengthSymbol,
        BadDistanceSymbol,
        BadDistance,
    }

    // The caller guarantees that reading is safe up to `lastInput` + FastInputMargin and writing up to `lastOutput` +
    // FastOutputMargin, that the bytes from `floor` to `write` are output of this stream, and that both tables are complete.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe FastExit DecodeFast(
        ref byte* nextRef,
        byte* lastInput,
        ref byte* writeRef,
        byte* lastOutput,
        byte* floor,
        uint* lengthTable,
        uint* distanceTable,
        bool isFlat,
        ref ulong bitsRef,
        ref int leftRef,
        out int badDistance)
    {
        const ulong LengthMask = (1 << HuffmanTable.LengthRootBits) - 1;
        const ulong DistanceMask = (1 << HuffmanTable.DistanceRootBits) - 1;
        byte* next = nextRef;
        byte* write = writeRef;
        ulong bits = bitsRef;

        // Only the low byte of `left` is valid: whole entries are subtracted from it. Shifts use only six bits of their count.
        uint left = (uint)leftRef;
        FastExit exit = FastExit.Margin;
        badDistance = 0;

        Refill(ref bits, ref left, ref next);
        uint entry = lengthTable[bits & LengthMask];
        do
        {
            if ((int)entry < 0)
            {
                bits >>= (int)entry;
                left -= entry;
                *write++ = (byte)(entry >> HuffmanTable.ValueShift);
                entry = lengthTable[bits & LengthMask];
                if ((int)entry < 0)
                {
                    bits >>= (int)entry;
                    left -= entry;
                    *write++ = (byte)(entry >> HuffmanTable.ValueShift);
                    entry = lengthTable[bits & LengthMask];
                    if ((int)entry < 0)
                    {
                        bits >>= (int)entry;
                        left -= entry;
                        *write++ = (byte)(entry >> HuffmanTable.ValueShift);
                        entry = lengthTable[bits & LengthMask];

                        // More literals from the root table. There are at most seven, far fewer than the margin allows.
                        while (isFlat && (int)entry < 0 && (byte)left >= 2 * HuffmanTable.LengthRootBits)
                        {
                            *write++ = (byte)(entry >> HuffmanTable.ValueShift);
                            if ((byte)entry == FlatBits)
                            {
                                bits >>= FlatBits;
                                left -= FlatBits;
                            }
                            else
                            {
                                bits >>= (int)entry;
                                left -= entry;
                            }

                            entry = lengthTable[bits & LengthMask];
                        }

                        Refill(ref bits, ref left, ref next);
                        continue;
                    }
                }
            }

            if ((entry & HuffmanTable.Exceptional) != 0)
            {
                if ((entry & HuffmanTable.Subtable) != 0)
                {
                    bits >>= HuffmanTable.LengthRootBits;
                    left -= HuffmanTable.LengthRootBits;
                    entry = lengthTable[SubtableIndex(entry, bits)];
                    if ((int)entry < 0)
                    {
                        bits >>= (int)entry;
                        left -= entry;
                        *write++ = (byte)(entry >> HuffmanTable.ValueShift);
                        Refill(ref bits, ref left, ref next);
                        entry = lengthTable[bits & LengthMask];
                        continue;
                    }
                }

                if ((entry & HuffmanTable.Exceptional) != 0)
                {
                    bits >>= (int)entry;
                    left -= entry;
                    exit = (entry & HuffmanTable.EndOfBlock) != 0 ? FastExit.EndOfBlock : FastExit.BadLengthSymbol;
                    break;
                }
            }

            uint length = (entry >> HuffmanTable.ValueShift) + Extra(entry, bits);
            bits >>= (int)entry;
            left -= entry;
            if ((byte)left < DistanceBitsMax)
            {
                Refill(ref bits, ref left, ref next);
            }

            entry = distanceTable[bits & DistanceMask];
            if ((entry & HuffmanTable.Exceptional) != 0)
            {
                if ((entry & HuffmanTable.Subtable) != 0)
                {
                    bits >>= HuffmanTable.DistanceRootBits;
                    left -= HuffmanTable.DistanceRootBits;
                    entry = distanceTable[SubtableIndex(entry, bits)];
                }

                if ((entry & HuffmanTable.Exceptional) != 0)
                {
                    exit = FastExit.BadDistanceSymbol;
                    break;
                }
            }

            uint distance = (entry >> HuffmanTable.ValueShift) + Extra(entry, bits);
            bits >>= (int)entry;
            left -= entry;
            byte* read = write - distance;
            if (read < floor)
            {
                badDistance = (int)distance;
                exit = FastExit.BadDistance;
                break;
            }

            // Look up the next symbol now, so that the lookup overlaps with the copy, and before loading bits that it does not need.
            if ((byte)left < HuffmanTable.LengthRootBits)
            {
                Refill(ref bits, ref left, ref next);
            }

            entry = lengthTable[bits & LengthMask];
            Refill(ref bits, ref left, ref next);
            CopyWide(write, read, distance, length);
            write += length;
        }
        while (next <= lastInput && write <= lastOutput);

        left &= 63;
        bitsRef = bits & ((1UL << (int)left) - 1);
        leftRef = (int)left;
        nextRef = next;
        writeRef = write;
        return exit;
    }

    // Loads bits until at least 56 are valid, and advances by the number of whole bytes added.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Refill(ref ulong bits, ref uint left, ref byte* next)
    {
        bits |= Unsafe.ReadUnaligned<ulong>(next) << (int)left;
        next += 7;
        next -= (left >> 3) & 7;
        left |= 56;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SubtableIndex(uint entry, ulong bits)
    {
        int subtableBits = (int)((entry >> HuffmanTable.CodeBitsShift) & HuffmanTable.CodeBitsMask);
        return (entry >> HuffmanTable.ValueShift) + (uint)(bits & ((1UL << subtableBits) - 1));
    }

    // The value of the extra bits, which follow the code. The shift count includes bits 12 and 13 of the entry, but these are set only
    // in exceptional entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Extra(uint entry, ulong bits)
    {
        ulong consumed = Bmi2.X64.IsSupported
            ? Bmi2.X64.ZeroHighBits(bits, entry)
            : bits & ((1UL << (int)entry) - 1);
        return (uint)(consumed >> (int)(entry >> HuffmanTable.CodeBitsShift));
    }

    // Copies a match and may overshoot its end. Source and target may overlap: a distance below the width of a copy repeats a pattern,
    // so each step advances only as far as the pattern is complete.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CopyWide(byte* write, byte* read, uint distance, uint length)
    {
        Debug.Assert(length is >= 3 and <= MatchBytesMax, "RFC 1951, 3.2.5.");
        byte* end = write + length;
        if (distance >= CopyBytes)
        {
            Unsafe.WriteUnaligned(write, Unsafe.ReadUnaligned<Vector128<byte>>(read));
            Unsafe.WriteUnaligned(write + CopyBytes, Unsafe.ReadUnaligned<Vector128<byte>>(read + CopyBytes));
            write += 2 * CopyBytes;
            while (write < end)
            {
                read += 2 * CopyBytes;
                Unsafe.WriteUnaligned(write, Unsafe.ReadUnaligned<Vector128<byte>>(read));
                Unsafe.WriteUnaligned(write + CopyBytes, Unsafe.ReadUnaligned<Vector128<byte>>(read + CopyBytes));
                write += 2 * CopyBytes;
            }
        }
        else if (distance == 1)
        {
            Vector128<byte> run = Vector128.Create(*read);
            do
            {
                Unsafe.WriteUnaligned(write, run);
                write += CopyBytes;
            }
            while (write < end);
        }
        else if (distance >= sizeof(ulong))
        {
            do
            {
                Unsafe.WriteUnaligned(write, Unsafe.ReadUnaligned<ulong>(read));
                read += sizeof(ulong);
                write += sizeof(ulong);
            }
            while (write < end);
        }
        else
        {
            do
            {
                Unsafe.WriteUnaligned(write, Unsafe.ReadUnaligned<ulong>(read));
                read += distance;
                write += distance;
            }
            while (write < end);
        }
    }
}
