using Google.Protobuf;

namespace Blobs.Containerd;

/// <summary>A piece of a blob.</summary>
/// <param name="Offset">Where it is in the blob.</param>
/// <param name="Bytes">A buffer.</param>
/// <param name="Length">How much of the buffer is filled.</param>
/// <param name="Start">Where the piece begins in the buffer.</param>
internal readonly record struct Chunk(long Offset, byte[] Bytes, int Length, int Start = 0)
{
    public long End => Offset + Length - Start;

    /// <summary>The bytes, not copied: they must stay until they are sent.</summary>
    public ByteString Data => UnsafeByteOperations.UnsafeWrap(Bytes.AsMemory(Start, Length - Start));

    /// <summary>What is left of it from an offset on.</summary>
    public Chunk From(long offset)
    {
        int skipped = (int)Math.Max(0, offset - Offset);
        return this with { Offset = Offset + skipped, Start = Start + skipped };
    }
}
