namespace Blobs.Hashing;

/// <summary>CRC-32, the checksum of gzip (RFC 1952, 8): reflected, the register starts as all ones and is complemented at the
/// end.</summary>
internal sealed class Crc32
{
    // System.IO.Hashing, on machines where our vectorized code does not run.
    private readonly System.IO.Hashing.Crc32? _library = ReflectedCrc.IsVectorized ? null : new();
    private uint _register = uint.MaxValue;

    public static ReflectedCrc Algorithm { get; } = new(bits: 32, polynomial: 0xEDB8_8320);

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public uint Value => _library?.GetCurrentHashAsUInt32() ?? ~_register;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_library is null)
        {
            _register = (uint)Algorithm.Update(_register, bytes);
        }
        else
        {
            _library.Append(bytes);
        }
    }

    public void Reset()
    {
        _register = uint.MaxValue;
        _library?.Reset();
    }
}
