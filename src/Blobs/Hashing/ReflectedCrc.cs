namespace Blobs.Hashing;

/// <summary>
/// Computes cyclic redundancy checks of up to 64 bits in reflected form: the lowest bit of the register is the highest power of x,
/// and the first bit of a message is the lowest bit of its first byte.
/// </summary>
internal sealed partial class ReflectedCrc
{
    private readonly ulong _polynomial;
    private readonly ulong[] _table;

    /// <param name="bits">Degree of the polynomial.</param>
    /// <param name="polynomial">The polynomial without its highest power, reflected: bit <paramref name="bits"/> - 1 is x^0.</param>
    public ReflectedCrc(int bits, ulong polynomial)
    {
        _polynomial = polynomial;
        _table = [.. Enumerable.Range(0, 256).Select(value => TimesX((ulong)value, 8))];
        _foldBySixteen = FoldFactors(bits, 16);
        _foldByEight = FoldFactors(bits, 8);
        _foldByFour = FoldFactors(bits, 4);
        _foldByOne = FoldFactors(bits, 1);
    }

    /// <summary>The register after more bytes. The caller chooses its initial value and derives the checksum from its final one.</summary>
    public ulong Update(ulong register, ReadOnlySpan<byte> bytes) =>
        IsVectorized && bytes.Length >= VectorBytesMin ? UpdateVectorized(register, bytes) : UpdateScalar(register, bytes);

    /// <summary>One byte at a time, by a table of 256 values. The vectorized paths must give the same results.</summary>
    public ulong UpdateScalar(ulong register, ReadOnlySpan<byte> bytes)
    {
        ulong[] table = _table;
        foreach (byte value in bytes)
        {
            register = table[(byte)(register ^ value)] ^ (register >> 8);
        }

        return register;
    }

    // Multiplies by a power of x modulo the polynomial.
    private ulong TimesX(ulong value, int exponent)
    {
        for (int i = 0; i < exponent; i++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ _polynomial : value >> 1;
        }

        return value;
    }
}
