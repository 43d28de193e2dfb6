using System.Globalization;
using System.Runtime.InteropServices;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>
/// A set of digests, of each of which it holds 51 bits in five bytes, so that millions fit into memory. Two digests that
/// agree in these look the same: then garbage is kept, and nothing else happens. Each element can be marked as seen.
/// </summary>
internal sealed class DigestSet
{
    private const int BucketBits = 12;
    private const int FirstCapacity = 8;
    private const ulong Seen = 1;

    // Small tables: they grow one after the other, and the memory of the old ones is reused.
    private readonly Slot[]?[] _buckets = new Slot[1 << BucketBits][];
    private readonly int[] _counts = new int[1 << BucketBits];

    /// <summary>Number of elements that were not marked as seen.</summary>
    public long Unseen { get; private set; }

    /// <summary>The eight bytes that stand for a digest.</summary>
    public static ulong KeyOf(Digest digest)
    {
        const int PrefixLength = 7;
        const int HexLength = 16;
        Span<char> text = stackalloc char[PrefixLength + 128];
        digest.TryFormat(text, out _);
        return ulong.Parse(text.Slice(PrefixLength, HexLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Adds an element; false when it is there already.</summary>
    public bool Add(ulong key)
    {
        int number = NumberOf(key);
        Slot[] bucket = _buckets[number] ??= new Slot[FirstCapacity];
        if (_counts[number] >= bucket.Length - (bucket.Length / 6))
        {
            bucket = _buckets[number] = Grown(bucket);
        }

        ulong rest = RestOf(key);
        ref Slot slot = ref Find(bucket, rest);
        if (slot.Bits != 0)
        {
            return false;
        }

        slot.Bits = rest;
        _counts[number]++;
        Unseen++;
        return true;
    }

    public bool Contains(ulong key) => _buckets[NumberOf(key)] is { } bucket && Find(bucket, RestOf(key)).Bits != 0;

    /// <summary>Marks an element as seen; false when it is not in the set.</summary>
    public bool TrySee(ulong key)
    {
        if (_buckets[NumberOf(key)] is not { } bucket)
        {
            return false;
        }

        ref Slot slot = ref Find(bucket, RestOf(key));
        if (slot.Bits == 0)
        {
            return false;
        }

        if ((slot.Bits & Seen) == 0)
        {
            slot.Bits |= Seen;
            Unseen--;
        }

        return true;
    }

    /// <summary>Whether an element is in the set and was not marked as seen.</summary>
    public bool IsUnseen(ulong key)
    {
        ulong rest = RestOf(key);
        return _buckets[NumberOf(key)] is { } bucket && Find(bucket, rest).Bits == rest;
    }

    /// <summary>Adds the elements of another set, as unseen, whose first byte is in a range.</summary>
    /// <param name="other">The other set.</param>
    /// <param name="from">The lowest first byte.</param>
    /// <param name="end">The byte after the highest.</param>
    public void UnionWith(DigestSet other, int from, int end)
    {
        const int PerByte = 1 << (BucketBits - 8);
        for (int number = from * PerByte; number < end * PerByte; number++)
        {
            foreach (Slot slot in other._buckets[number] ?? [])
            {
                if (slot.Bits != 0)
                {
                    Add(((ulong)number << (64 - BucketBits)) | (slot.Bits << (64 - BucketBits - Slot.Width)));
                }
            }
        }
    }

    private static int NumberOf(ulong key) => (int)(key >> (64 - BucketBits));

    // The bits after those that chose the bucket. The last one is kept free for the mark, and 0 means an empty slot.
    private static ulong RestOf(ulong key)
    {
        ulong rest = (key << BucketBits >> (64 - Slot.Width)) & ~Seen;
        return rest == 0 ? Seen << 1 : rest;
    }

    private static ref Slot Find(Slot[] bucket, ulong rest)
    {
        int place = (int)((rest * (ulong)bucket.Length) >> Slot.Width);
        while (bucket[place].Bits is not 0 and var bits && (bits & ~Seen) != rest)
        {
            place = place + 1 == bucket.Length ? 0 : place + 1;
        }

        return ref bucket[place];
    }

    private static Slot[] Grown(Slot[] bucket)
    {
        var larger = new Slot[bucket.Length + Math.Max(FirstCapacity, bucket.Length / 4)];
        foreach (Slot slot in bucket)
        {
            if (slot.Bits != 0)
            {
                Find(larger, slot.Bits & ~Seen) = slot;
            }
        }

        return larger;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Slot
    {
        /// <summary>Number of bits.</summary>
        public const int Width = 40;

        private uint _high;
        private byte _low;

        public ulong Bits
        {
            readonly get => ((ulong)_high << 8) | _low;
            set
            {
                _high = (uint)(value >> 8);
                _low = (byte)value;
            }
        }
    }
}
