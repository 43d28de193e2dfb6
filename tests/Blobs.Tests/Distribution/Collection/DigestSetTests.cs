using Blobs.Distribution.Collection;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>The set holds what a hash set holds.</summary>
public sealed class DigestSetTests
{
    private const ulong Smallest = 1UL << 13;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_was_added_and_knows_what_was_seen(int seed)
    {
        var random = new Random(seed);
        var set = new DigestSet();
        var expected = new Dictionary<ulong, bool>();
        for (int step = 0; step < 200_000; step++)
        {
            ulong key = Key(random);
            switch (random.Next(4))
            {
                case 0 or 1:
                    Assert.Equal(expected.TryAdd(key, false), set.Add(key));
                    break;
                case 2:
                    Assert.Equal(expected.ContainsKey(key), set.TrySee(key));
                    if (expected.ContainsKey(key))
                    {
                        expected[key] = true;
                    }

                    break;
                default:
                    Assert.Equal(expected.ContainsKey(key), set.Contains(key));
                    Assert.Equal(expected.TryGetValue(key, out bool isSeen) && !isSeen, set.IsUnseen(key));
                    break;
            }
        }

        Assert.Equal(expected.Count(pair => !pair.Value), set.Unseen);
    }

    [Fact]
    public void A_union_has_the_elements_of_its_range_as_unseen()
    {
        var random = new Random(4);
        var all = new DigestSet();
        ulong[] keys = [.. Enumerable.Range(0, 10_000).Select(_ => Key(random)).Distinct()];
        foreach (ulong key in keys)
        {
            all.Add(key);
            all.TrySee(key);
        }

        var part = new DigestSet();
        part.UnionWith(all, 0x10, 0x80);
        ulong[] expected = [.. keys.Where(key => key >> 56 is >= 0x10 and < 0x80)];
        Assert.NotEmpty(expected);
        Assert.All(keys, key => Assert.Equal(expected.Contains(key), part.IsUnseen(key)));
        Assert.Equal(expected.Length, part.Unseen);
    }

    // So garbage is kept if its digest begins like a needed one.
    [Fact]
    public void Digests_that_begin_with_the_same_bits_look_the_same()
    {
        var set = new DigestSet();
        set.Add(DigestSet.KeyOf(Of("0123456789abcd00")));
        Assert.True(set.Contains(DigestSet.KeyOf(Of("0123456789abcdff"))));
        Assert.False(set.Contains(DigestSet.KeyOf(Of("0123456789aacd00"))));
    }

    [Theory]
    [InlineData("0000000000000000")]
    [InlineData("ffffffffffffffff")]
    [InlineData("0010000000000000")]
    public void Every_digest_can_be_added(string start)
    {
        var set = new DigestSet();
        ulong key = DigestSet.KeyOf(Of(start));
        Assert.False(set.Contains(key));
        Assert.True(set.Add(key));
        Assert.False(set.Add(key));
        Assert.True(set.TrySee(key));
        Assert.True(set.Contains(key));
        Assert.Equal(0, set.Unseen);
    }

    private static Digest Of(string start) => Digest.Parse($"sha256:{start.PadRight(64, '0')}");

    // Few enough that they meet, near both ends and everywhere; they differ in the bits that are held.
    private static ulong Key(Random random)
    {
        ulong key = (ulong)random.Next(1, 20_000) * Smallest;
        return random.Next(3) switch
        {
            0 => key,
            1 => ulong.MaxValue - key,
            _ => key * 0x9e3779b97f4a7c15 & ~(Smallest - 1),
        };
    }
}
