using System.Buffers.Binary;

namespace Blobs.Compression;

/// <summary>The next bits of a DEFLATE stream, the first one lowest. The members are fields because the fast loop passes them by
/// reference.</summary>
internal struct BitBuffer
{
    /// <summary>The bits. All above the valid ones are 0.</summary>
    public ulong Bits;

    /// <summary>Number of valid bits.</summary>
    public int Count;

    /// <summary>Loads bits until <paramref name="bitCount"/> are valid; false if the input ends before.</summary>
    public bool TryFill(ref ByteCursor input, int bitCount)
    {
        if (Count >= bitCount)
        {
            return true;
        }

        if (input.Left >= sizeof(ulong))
        {
            int bytes = (63 - Count) >> 3;
            Bits |= BinaryPrimitives.ReadUInt64LittleEndian(input.Bytes[input.Position..]) << Count;
            input.Position += bytes;
            Count += bytes << 3;
            Bits &= (1UL << Count) - 1;
            return true;
        }

        while (Count < bitCount)
        {
            if (input.Left == 0)
            {
                return false;
            }

            Bits |= (ulong)input.TakeByte() << Count;
            Count += 8;
        }

        return true;
    }

    /// <summary>Removes and returns valid bits.</summary>
    public uint Take(int bitCount)
    {
        uint value = (uint)(Bits & ((1UL << bitCount) - 1));
        Bits >>= bitCount;
        Count -= bitCount;
        return value;
    }

    /// <summary>Stores the bits that a caller has consumed from in locals.</summary>
    public void Commit(ulong bits, int bitCount)
    {
        Bits = bits;
        Count = bitCount;
    }

    /// <summary>Gives whole bytes that were loaded but not used back to the span.</summary>
    public void GiveBack(ref ByteCursor input)
    {
        int bytes = Math.Min(Count >> 3, input.Position);
        input.Position -= bytes;
        Count -= bytes << 3;
        Bits &= (1UL << Count) - 1;
    }
}
