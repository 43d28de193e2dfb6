using System.IO.Hashing;

namespace Blobs.Hashing;

/// <summary>
/// CRC-64/GO-ISO, the checksum of tar-split: polynomial x^64 + x^4 + x^3 + x + 1 (ISO 3309), reflected, the register starts as all
/// ones and is complemented at the end, so that the checksum of no bytes is 0. It differs from CRC-64/XZ and CRC-64/ECMA-182.
/// </summary>
internal sealed class Crc64
{
    private static readonly Crc64ParameterSet Parameters =
        Crc64ParameterSet.Create(polynomial: 0x1b, ulong.MaxValue, ulong.MaxValue, reflectValues: true);

    // System.IO.Hashing, on machines where our vectorized code does not run.
    private readonly System.IO.Hashing.Crc64? _library = ReflectedCrc.IsVectorized ? null : new(Parameters);
    private ulong _register = ulong.MaxValue;

    public static ReflectedCrc Algorithm { get; } = new(bits: 64, polynomial: 0xD800_0000_0000_0000);

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
            _register = Algorithm.Update(_register, bytes);
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
