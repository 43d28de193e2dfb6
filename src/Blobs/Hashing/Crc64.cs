namespace Blobs.Hashing;

/// <summary>
/// CRC-64/GO-ISO, the checksum of tar-split: polynomial x^64 + x^4 + x^3 + x + 1 (ISO 3309), reflected, register all ones at the
/// start and complemented at the end, so that nothing sums to 0. Neither CRC-64/XZ nor CRC-64/ECMA-182 gives the same values.
/// </summary>
internal sealed partial class Crc64
{
    // Reflected: bit 63 stands for x^0.
    private const ulong Polynomial = 0xD800_0000_0000_0000;

    private static readonly ulong[] Table = MakeTable();

    private ulong _register = ulong.MaxValue;

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public ulong Value => ~_register;

    public static ulong Of(ReadOnlySpan<byte> bytes) => ~Update(ulong.MaxValue, bytes);

    public void Append(ReadOnlySpan<byte> bytes) => _register = Update(_register, bytes);

    public void Reset() => _register = ulong.MaxValue;

    /// <summary>One byte a step through a table of 256 values: the specification of every other path.</summary>
    internal static ulong UpdateScalar(ulong register, ReadOnlySpan<byte> bytes)
    {
        ulong[] table = Table;
        foreach (byte value in bytes)
        {
            register = table[(byte)(register ^ value)] ^ (register >> 8);
        }

        return register;
    }

    private static ulong Update(ulong register, ReadOnlySpan<byte> bytes) =>
        IsVectorized && bytes.Length >= VectorBytesMin ? UpdateVectorized(register, bytes) : UpdateScalar(register, bytes);

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (int i = 0; i < table.Length; i++)
        {
            ulong remainder = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = TimesX(remainder);
            }

            table[i] = remainder;
        }

        return table;
    }

    // Multiplies by x modulo the polynomial, in reflected form.
    private static ulong TimesX(ulong value) => (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
}
