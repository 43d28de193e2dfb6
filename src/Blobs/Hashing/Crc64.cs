using System.IO.Hashing;

namespace Blobs.Hashing;

/// <summary>
/// CRC-64/GO-ISO, the checksum of tar-split: polynomial x^64 + x^4 + x^3 + x + 1 (ISO 3309), reflected, register all ones at the
/// start and complemented at the end, so that nothing sums to 0. Neither CRC-64/XZ nor CRC-64/ECMA-182 gives the same values.
/// </summary>
internal sealed class Crc64
{
    private static readonly Crc64ParameterSet Parameters =
        Crc64ParameterSet.Create(polynomial: 0x1b, ulong.MaxValue, ulong.MaxValue, reflectValues: true);

    // The package's own, where ours has no instructions that make it faster.
    private readonly System.IO.Hashing.Crc64? _library = ReflectedCrc.IsVectorized ? null : new(Parameters);
    private ulong _register = ulong.MaxValue;

    public static ReflectedCrc Kind { get; } = new(bits: 64, polynomial: 0xD800_0000_0000_0000);

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public ulong Value => _library?.GetCurrentHashAsUInt64() ?? ~_register;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc64();
        crc.Append(bytes);
        return crc.Value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_library is null)
        {
            _register = Kind.Update(_register, bytes);
        }
        else
        {
            _library.Append(bytes);
        }
    }

    public void Reset()
    {
        _register = ulong.MaxValue;
        _library?.Reset();
    }
}
