namespace Blobs.Hashing;

/// <summary>CRC-32 of gzip (RFC 1952, 8): reflected, register all ones at the start and complemented at the end.</summary>
internal sealed class Crc32
{
    private uint _register = uint.MaxValue;

    public static ReflectedCrc Kind { get; } = new(bits: 32, polynomial: 0xEDB8_8320);

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public uint Value => ~_register;

    public void Append(ReadOnlySpan<byte> bytes) => _register = (uint)Kind.Update(_register, bytes);

    public void Reset() => _register = uint.MaxValue;
}
