using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using Blobs.Tar;

namespace Blobs.TarSplit;

/// <summary>
/// The names seen so far, as 128-bit hashes under a secret seed: 16 bytes a slot however long the names are. Two
/// names that differ collide with a chance below 10^-24 for ten million entries, and nobody can arrange it.
/// </summary>
internal sealed class NameSet
{
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private UInt128[] _slots = new UInt128[1024];
    private byte[] _scratch = new byte[256];
    private int _count;

    /// <summary>Adds the cleaned form of <paramref name="name"/>; false when it is there already.</summary>
    public bool Add(ReadOnlySpan<byte> name)
    {
        if (_scratch.Length <= name.Length)
        {
            _scratch = new byte[(int)BitOperations.RoundUpToPowerOf2((uint)name.Length + 1)];
        }

        if (_count >= _slots.Length / 2)
        {
            Grow();
        }

        // Zero marks a free slot.
        UInt128 hash = XxHash128.HashToUInt128(EntryName.Clean(name, _scratch), _seed) | UInt128.One;
        if (!TryPlace(_slots, hash))
        {
            return false;
        }

        _count++;
        return true;
    }

    private void Grow()
    {
        var larger = new UInt128[_slots.Length * 2];
        foreach (UInt128 hash in _slots)
        {
            if (hash != UInt128.Zero)
            {
                TryPlace(larger, hash);
            }
        }

        _slots = larger;
    }

    private static bool TryPlace(UInt128[] slots, UInt128 hash)
    {
        int mask = slots.Length - 1;
        for (int slot = (int)(uint)(hash >> 64) & mask; ; slot = (slot + 1) & mask)
        {
            if (slots[slot] == hash)
            {
                return false;
            }

            if (slots[slot] == UInt128.Zero)
            {
                slots[slot] = hash;
                return true;
            }
        }
    }
}
