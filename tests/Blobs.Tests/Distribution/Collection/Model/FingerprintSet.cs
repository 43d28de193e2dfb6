using System.IO.Hashing;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// Remembers states by fingerprints of 128 bits, in a table with open addressing. Among a billion states the chance
/// that two share one, so that the second is never looked at, is below 1 in 10^20.
/// </summary>
internal sealed class FingerprintSet<TState>(long expected)
    where TState : unmanaged
{
    // Zero is a free slot.
    private UInt128[] _slots = new UInt128[SlotsFor(expected)];

    public long Count { get; private set; }

    /// <summary>Adds a state; false if it was there.</summary>
    public bool Add(in TState state)
    {
        if (Count * 5L >= _slots.LongLength * 4)
        {
            Grow();
        }

        if (!Insert(_slots, Fingerprint(state)))
        {
            return false;
        }

        Count++;
        return true;
    }

    private static UInt128 Fingerprint(in TState state)
    {
        UInt128 hash = XxHash128.HashToUInt128(StateBytes.Of(state));
        return hash == 0 ? 1 : hash;
    }

    private static bool Insert(UInt128[] slots, UInt128 fingerprint)
    {
        // The upper half of a product with the length spreads fingerprints over a table of any length.
        long slot = (long)Math.BigMul((ulong)fingerprint, (ulong)slots.LongLength, out ulong _);
        while (slots[slot] != 0)
        {
            if (slots[slot] == fingerprint)
            {
                return false;
            }

            slot = slot + 1 == slots.LongLength ? 0 : slot + 1;
        }

        slots[slot] = fingerprint;
        return true;
    }

    private void Grow()
    {
        UInt128[] larger = new UInt128[2 * _slots.LongLength];
        foreach (UInt128 fingerprint in _slots)
        {
            if (fingerprint != 0)
            {
                Insert(larger, fingerprint);
            }
        }

        _slots = larger;
    }

    private static long SlotsFor(long count) => Math.Max(1 << 16, (count * 4 / 3) + 1);
}
