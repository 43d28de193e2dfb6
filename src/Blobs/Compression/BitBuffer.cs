using System.Buffers.Binary;

namespace Blobs.Compression;

/// <summary>The next bits of a DEFLATE stream, the first one lowest. Fields, as the fast loop goes through them by reference.</summary>
internal struct BitBuffer
{
    /// <summary>The bits; those above the valid ones are 0.</summary>
    public ulong Bits;

    /// <summary>How many are valid.</summary>
    public int Count;

    /// <summary>Loads bits until there are so many; false when the input ends before.</summary>
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

    /// <summary>Takes bits that are there.</summary>
    public uint Take(int bitCount)
    {
        uint value = (uint)(Bits & ((1UL << bitCount) - 1));
        Bits >>= bitCount;
        Count -= bitCount;
        return value;
    }

    /// <summary>Leaves the bits that somebody has gone through in locals.</summary>
    public void Commit(ulong bits, int bitCount)
    {
        Bits = bits;
        Count = bitCount;
    }

    /// <summary>Gives whole bytes that were loaded and not needed back to the span they came from.</summary>
    public void GiveBack(ref ByteCursor input)
    {
        int bytes = Math.Min(Count >> 3, input.Position);
        input.Position -= bytes;
        Count -= bytes << 3;
        Bits &= (1UL << Count) - 1;
    }
}
