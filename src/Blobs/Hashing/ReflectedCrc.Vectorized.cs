using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Blobs.Hashing;

/// <content>
/// Folding by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ",
/// Intel 2009). A block of 128 bits is the polynomial L·x^64 + H, where L is its first eight bytes. Moving it D bits ahead in the
/// message gives L·x^(64+D) + H·x^D, and each power of x may be reduced modulo the polynomial. The product of two reflected words
/// comes out multiplied by x, so the exponents are one less. Four vectors are in flight to hide the latency; each is as wide as the
/// machine can multiply.
/// </content>
internal sealed partial class ReflectedCrc
{
    private const int BlockBytes = 16;

    // For fewer bytes the table is as fast.
    private const int VectorBytesMin = 4 * BlockBytes;

    /// <summary>Whether the machine has the instructions and they may be used.</summary>
    public static readonly bool IsVectorized = Pclmulqdq.IsSupported && Vectorization.IsAllowed;

    // Factors that move a block ahead by 16, 8, 4 blocks or one.
    private readonly Vector128<ulong> _foldBySixteen;
    private readonly Vector128<ulong> _foldByEight;
    private readonly Vector128<ulong> _foldByFour;
    private readonly Vector128<ulong> _foldByOne;

    private ulong UpdateVectorized(ulong register, ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length >= VectorBytesMin, "Four blocks fill the lanes.");
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int position = VectorBytesMin;

        // The register is combined with the first bytes of the message.
        Vector128<ulong> before = Vector128.CreateScalar(register);
        Vector128<ulong> a, b, c, d;
        if (Pclmulqdq.V512.IsSupported && bytes.Length >= 4 * VectorBytesMin)
        {
            (a, b, c, d) = FoldBy512(before, bytes, out position);
        }
        else if (Pclmulqdq.V256.IsSupported && bytes.Length >= 2 * VectorBytesMin)
        {
            (a, b, c, d) = FoldBy256(before, bytes, out position);
        }
        else
        {
            a = Load128(ref start, 0) ^ before;
            b = Load128(ref start, BlockBytes);
            c = Load128(ref start, 2 * BlockBytes);
            d = Load128(ref start, 3 * BlockBytes);
        }

        Vector128<ulong> factors = _foldByFour;
        for (; position <= bytes.Length - VectorBytesMin; position += VectorBytesMin)
        {
            a = Fold(a, factors) ^ Load128(ref start, position);
            b = Fold(b, factors) ^ Load128(ref start, position + BlockBytes);
            c = Fold(c, factors) ^ Load128(ref start, position + (2 * BlockBytes));
            d = Fold(d, factors) ^ Load128(ref start, position + (3 * BlockBytes));
        }

        factors = _foldByOne;
        a = Fold(Fold(Fold(a, factors) ^ b, factors) ^ c, factors) ^ d;
        for (; position <= bytes.Length - BlockBytes; position += BlockBytes)
        {
            a = Fold(a, factors) ^ Load128(ref start, position);
        }

        // The remaining block is congruent to the message so far: updating a zero register with it gives the register.
        Span<byte> rest = stackalloc byte[BlockBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(rest, a.GetElement(0));
        BinaryPrimitives.WriteUInt64LittleEndian(rest[sizeof(ulong)..], a.GetElement(1));
        return UpdateScalar(UpdateScalar(0, rest), bytes[position..]);
    }

    // Eight blocks per step; returns the last four.
    private (Vector128<ulong> A, Vector128<ulong> B, Vector128<ulong> C, Vector128<ulong> D) FoldBy256(
        Vector128<ulong> before, ReadOnlySpan<byte> bytes, out int position)
    {
        const int Step = 8 * BlockBytes;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        Vector256<ulong> a = Load256(ref start, 0) ^ Vector256.Create(before, default);
        Vector256<ulong> b = Load256(ref start, 2 * BlockBytes);
        Vector256<ulong> c = Load256(ref start, 4 * BlockBytes);
        Vector256<ulong> d = Load256(ref start, 6 * BlockBytes);
        Vector256<ulong> factors = Vector256.Create(_foldByEight, _foldByEight);
        for (position = Step; position <= bytes.Length - Step; position += Step)
        {
            a = Fold(a, factors) ^ Load256(ref start, position);
            b = Fold(b, factors) ^ Load256(ref start, position + (2 * BlockBytes));
            c = Fold(c, factors) ^ Load256(ref start, position + (4 * BlockBytes));
            d = Fold(d, factors) ^ Load256(ref start, position + (6 * BlockBytes));
        }

        factors = Vector256.Create(_foldByFour, _foldByFour);
        c ^= Fold(a, factors);
        d ^= Fold(b, factors);
        return (c.GetLower(), c.GetUpper(), d.GetLower(), d.GetUpper());
    }

    // Sixteen blocks per step; returns the last four.
    private (Vector128<ulong> A, Vector128<ulong> B, Vector128<ulong> C, Vector128<ulong> D) FoldBy512(
        Vector128<ulong> before, ReadOnlySpan<byte> bytes, out int position)
    {
        const int Step = 16 * BlockBytes;
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        Vector512<ulong> a = Load512(ref start, 0) ^ Vector512.Create(Vector256.Create(before, default), default);
        Vector512<ulong> b = Load512(ref start, 4 * BlockBytes);
        Vector512<ulong> c = Load512(ref start, 8 * BlockBytes);
        Vector512<ulong> d = Load512(ref start, 12 * BlockBytes);
        Vector512<ulong> factors = Wide(_foldBySixteen);
        for (position = Step; position <= bytes.Length - Step; position += Step)
        {
            a = Fold(a, factors) ^ Load512(ref start, position);
            b = Fold(b, factors) ^ Load512(ref start, position + (4 * BlockBytes));
            c = Fold(c, factors) ^ Load512(ref start, position + (8 * BlockBytes));
            d = Fold(d, factors) ^ Load512(ref start, position + (12 * BlockBytes));
        }

        factors = Wide(_foldByFour);
        d ^= Fold(Fold(Fold(a, factors) ^ b, factors) ^ c, factors);
        return (d.GetLower().GetLower(), d.GetLower().GetUpper(), d.GetUpper().GetLower(), d.GetUpper().GetUpper());
    }

    private static Vector512<ulong> Wide(Vector128<ulong> factors) =>
        Vector512.Create(Vector256.Create(factors, factors), Vector256.Create(factors, factors));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load128(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<Vector128<ulong>>(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Load256(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<Vector256<ulong>>(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load512(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<Vector512<ulong>>(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> block, Vector128<ulong> factors) =>
        Pclmulqdq.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Fold(Vector256<ulong> blocks, Vector256<ulong> factors) =>
        Pclmulqdq.V256.CarrylessMultiply(blocks, factors, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(blocks, factors, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> blocks, Vector512<ulong> factors) =>
        Pclmulqdq.V512.CarrylessMultiply(blocks, factors, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(blocks, factors, 0x11);

    private Vector128<ulong> FoldFactors(int bits, int blocks)
    {
        int distanceBits = blocks * BlockBytes * 8;
        return Vector128.Create(PowerOfX(bits, distanceBits + 64 - 1), PowerOfX(bits, distanceBits - 1));
    }

    // x^exponent modulo the polynomial, in a word where x^0 is the top bit.
    private ulong PowerOfX(int bits, int exponent) => TimesX(1UL << (bits - 1), exponent) << (64 - bits);
}
