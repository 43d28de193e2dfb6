namespace Blobs.Hashing;

/// <summary>CRC-32 of gzip (RFC 1952, 8): reflected, register all ones at the start and complemented at the end.</summary>
internal sealed class Crc32
{
    // The package's own, where ours has no instructions that make it faster.
    private readonly System.IO.Hashing.Crc32? _library = ReflectedCrc.IsVectorized ? null : new();
    private uint _register = uint.MaxValue;

    public static ReflectedCrc Kind { get; } = new(bits: 32, polynomial: 0xEDB8_8320);

    /// <summary>The checksum of everything appended since the start or <see cref="Reset"/>.</summary>
    public uint Value => _library?.GetCurrentHashAsUInt32() ?? ~_register;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_library is null)
        {
            _register = (uint)Kind.Update(_register, bytes);
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
