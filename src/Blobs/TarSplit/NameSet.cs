using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using Blobs.Buffers;
using Blobs.Tar;

namespace Blobs.TarSplit;

/// <summary>
/// A set of entry names, kept as 128-bit hashes: 16 bytes per slot, however long the names are. For ten million entries the
/// probability of a collision is below 10^-24, and the random seed keeps an attacker from causing one.
/// </summary>
internal sealed class NameSet
{
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private UInt128[] _slots = new UInt128[1024];
    private byte[] _scratch = new byte[256];
    private int _count;

    /// <summary>Adds the cleaned form of <paramref name="name"/>; false if the set has it already.</summary>
    public bool Add(ReadOnlySpan<byte> name)
    {
        if (_count >= _slots.Length / 2)
        {
            Grow();
        }

        UInt128 hash = Hash(name);
        int slot = Find(_slots, hash);
        if (_slots[slot] == hash)
        {
            return false;
        }

        _slots[slot] = hash;
        _count++;
        return true;
    }

    /// <summary>Whether the set has the cleaned form of <paramref name="name"/>.</summary>
    public bool Contains(ReadOnlySpan<byte> name)
    {
        UInt128 hash = Hash(name);
        return _slots[Find(_slots, hash)] == hash;
    }

    // Zero marks a free slot, so no hash may be zero: its lowest bit is always set.
    private UInt128 Hash(ReadOnlySpan<byte> name)
    {
        if (_scratch.Length <= name.Length)
        {
            _scratch = new byte[(int)BitOperations.RoundUpToPowerOf2((uint)name.Length + 1)];
        }

        return XxHash128.HashToUInt128(EntryName.Clean(name, _scratch), _seed) | UInt128.One;
    }

    private void Grow()
    {
        UInt128[] larger = ResidentArray.AllocateUninitialized<UInt128>(_slots.Length * 2);
        larger.AsSpan().Clear();
        foreach (UInt128 hash in _slots)
        {
            if (hash != UInt128.Zero)
            {
                larger[Find(larger, hash)] = hash;
            }
        }

        _slots = larger;
    }

    // The slot of a hash, or the free slot where it belongs.
    private static int Find(UInt128[] slots, UInt128 hash)
    {
        int mask = slots.Length - 1;
        int slot = (int)(uint)(hash >> 64) & mask;
        while (slots[slot] != hash && slots[slot] != UInt128.Zero)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
