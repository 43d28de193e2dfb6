namespace Blobs.Hashing;

/// <summary>
/// CRC-64/GO-ISO, the checksum of tar-split: polynomial x^64 + x^4 + x^3 + x + 1 (ISO 3309), reflected, register all ones at the
/// start and complemented at the end, so that nothing sums to 0. Neither CRC-64/XZ nor CRC-64/ECMA-182 gives the same values.
/// </summary>
internal sealed class Crc64
{
    private ulong _register = ulong.MaxValue;

    public static ReflectedCrc Kind { get; } = new(bits: 64, polynomial: 0xD800_0000_0000_0000);

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public ulong Value => ~_register;

    public static ulong Of(ReadOnlySpan<byte> bytes) => ~Kind.Update(ulong.MaxValue, bytes);

    public void Append(ReadOnlySpan<byte> bytes) => _register = Kind.Update(_register, bytes);

    public void Reset() => _register = ulong.MaxValue;
}
