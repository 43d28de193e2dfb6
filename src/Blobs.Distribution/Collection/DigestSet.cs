using System.Globalization;
using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>
/// A set of digests, of each of which it holds eight bytes, so that millions fit into memory. Two digests that agree in
/// these look the same: then garbage is kept, and nothing else happens. Each element can be marked as seen.
/// </summary>
internal sealed class DigestSet
{
    private const int BucketBits = 12;
    private const int FirstCapacity = 8;
    private const ulong Seen = 1;

    // Small tables: they grow one after the other, and the memory of the old ones is reused.
    private readonly ulong[]?[] _buckets = new ulong[1 << BucketBits][];
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
        ulong key = ulong.Parse(text.Slice(PrefixLength, HexLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & ~Seen;
        return key == 0 ? 1 << 1 : key;
    }

    /// <summary>Adds an element; false when it is there already.</summary>
    public bool Add(ulong key)
    {
        int number = NumberOf(key);
        ulong[] bucket = _buckets[number] ??= new ulong[FirstCapacity];
        if (_counts[number] >= bucket.Length - (bucket.Length / 6))
        {
            bucket = _buckets[number] = Grown(bucket);
        }

        ref ulong slot = ref Find(bucket, key);
        if (slot != 0)
        {
            return false;
        }

        slot = key;
        _counts[number]++;
        Unseen++;
        return true;
    }

    public bool Contains(ulong key) => _buckets[NumberOf(key)] is { } bucket && Find(bucket, key) != 0;

    /// <summary>Marks an element as seen; false when it is not in the set.</summary>
    public bool TrySee(ulong key)
    {
        if (_buckets[NumberOf(key)] is not { } bucket)
        {
            return false;
        }

        ref ulong slot = ref Find(bucket, key);
        if (slot == 0)
        {
            return false;
        }

        if ((slot & Seen) == 0)
        {
            slot |= Seen;
            Unseen--;
        }

        return true;
    }

    /// <summary>Whether an element is in the set and was not marked as seen.</summary>
    public bool IsUnseen(ulong key) => _buckets[NumberOf(key)] is { } bucket && Find(bucket, key) == key;

    /// <summary>Adds the elements of another set, as unseen, whose first byte is in a range.</summary>
    /// <param name="other">The other set.</param>
    /// <param name="from">The lowest first byte.</param>
    /// <param name="end">The byte after the highest.</param>
    public void UnionWith(DigestSet other, int from, int end)
    {
        const int PerByte = 1 << (BucketBits - 8);
        foreach (ulong[]? bucket in other._buckets.AsSpan((from * PerByte)..(end * PerByte)))
        {
            foreach (ulong key in bucket ?? [])
            {
                if (key != 0)
                {
                    Add(key & ~Seen);
                }
            }
        }
    }

    /// <summary>The elements that were not marked as seen.</summary>
    public IEnumerable<ulong> UnseenKeys() =>
        _buckets.SelectMany(bucket => bucket ?? []).Where(key => key != 0 && (key & Seen) == 0);

    private static int NumberOf(ulong key) => (int)(key >> (64 - BucketBits));

    private static ref ulong Find(ulong[] bucket, ulong key)
    {
        // The bits after those that chose the bucket choose the slot.
        uint place = (uint)(key >> (32 - BucketBits));
        int slot = (int)(((ulong)place * (ulong)bucket.Length) >> 32);
        while (bucket[slot] != 0 && (bucket[slot] & ~Seen) != key)
        {
            slot = slot + 1 == bucket.Length ? 0 : slot + 1;
        }

        return ref bucket[slot];
    }

    private static ulong[] Grown(ulong[] bucket)
    {
        var larger = new ulong[bucket.Length + Math.Max(FirstCapacity, bucket.Length / 4)];
        foreach (ulong key in bucket)
        {
            if (key != 0)
            {
                Find(larger, key & ~Seen) = key;
            }
        }

        return larger;
    }
}
