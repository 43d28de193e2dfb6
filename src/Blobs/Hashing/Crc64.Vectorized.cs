using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Blobs.Hashing;

/// <content>
/// Folding by carry-less multiplication (Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ",
/// Intel 2009). A block of 128 bits stands for the polynomial L·x^64 + H, its first eight bytes being L. Moving it D bits further
/// ahead in the message is L·x^(64+D) + H·x^D, and each factor may be taken modulo the polynomial. The product of two
/// reflected words comes out multiplied by x, hence the exponents less one. Four blocks in flight hide the latency.
/// </content>
internal sealed partial class Crc64
{
    private const int BlockBytes = 16;
    private const int LaneCount = 4;

    // Below this the table is as fast.
    private const int VectorBytesMin = LaneCount * BlockBytes;

    private static readonly bool IsVectorized = Pclmulqdq.IsSupported && Kernel.IsVectorAllowed;

    private static readonly Vector128<ulong> FoldByLanes = FoldFactors(LaneCount * BlockBytes * 8);
    private static readonly Vector128<ulong> FoldByBlock = FoldFactors(BlockBytes * 8);

    private static ulong UpdateVectorized(ulong register, ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length >= VectorBytesMin, "Four blocks fill the lanes.");
        ref byte start = ref MemoryMarshal.GetReference(bytes);

        // The register stands in front of the message: it meets the first eight bytes.
        Vector128<ulong> a = Load(ref start, 0) ^ Vector128.CreateScalar(register);
        Vector128<ulong> b = Load(ref start, BlockBytes);
        Vector128<ulong> c = Load(ref start, 2 * BlockBytes);
        Vector128<ulong> d = Load(ref start, 3 * BlockBytes);
        int position = VectorBytesMin;
        Vector128<ulong> factors = FoldByLanes;
        for (; position <= bytes.Length - VectorBytesMin; position += VectorBytesMin)
        {
            a = Fold(a, factors) ^ Load(ref start, position);
            b = Fold(b, factors) ^ Load(ref start, position + BlockBytes);
            c = Fold(c, factors) ^ Load(ref start, position + (2 * BlockBytes));
            d = Fold(d, factors) ^ Load(ref start, position + (3 * BlockBytes));
        }

        factors = FoldByBlock;
        a = Fold(Fold(Fold(a, factors) ^ b, factors) ^ c, factors) ^ d;
        for (; position <= bytes.Length - BlockBytes; position += BlockBytes)
        {
            a = Fold(a, factors) ^ Load(ref start, position);
        }

        // What is left is congruent to the message so far: its own checksum from a zero register is the register.
        Span<byte> rest = stackalloc byte[BlockBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(rest, a.GetElement(0));
        BinaryPrimitives.WriteUInt64LittleEndian(rest[sizeof(ulong)..], a.GetElement(1));
        return UpdateScalar(UpdateScalar(0, rest), bytes[position..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<Vector128<ulong>>(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> block, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, factors, 0x11);

    private static Vector128<ulong> FoldFactors(int distanceBits) =>
        Vector128.Create(PowerOfX(distanceBits + 64 - 1), PowerOfX(distanceBits - 1));

    // x^exponent modulo the polynomial, reflected: x^0 is the top bit.
    private static ulong PowerOfX(int exponent)
    {
        ulong power = 1UL << 63;
        for (int i = 0; i < exponent; i++)
        {
            power = TimesX(power);
        }

        return power;
    }
}
