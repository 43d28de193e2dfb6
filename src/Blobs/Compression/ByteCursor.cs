namespace Blobs.Compression;

/// <summary>The caller's span and the position in it.</summary>
internal ref struct ByteCursor(ReadOnlySpan<byte> bytes)
{
    public readonly ReadOnlySpan<byte> Bytes = bytes;

    public int Position { get; set; }

    public readonly int Left => Bytes.Length - Position;

    public byte TakeByte() => Bytes[Position++];

    public ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> taken = Bytes.Slice(Position, length);
        Position += length;
        return taken;
    }
}
