using System.Security.Cryptography;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using CsCheck;

namespace Blobs.Tests.Distribution.Storage;

public sealed class ResumableSha256Tests
{
    // What docker-registry 2.8.2 wrote after these 1,000 bytes.
    private const string StateOfDockerRegistry =
        "73686103564d89b6ddf8329125e2817c294791dff133c8c58c9ef3a1b7fbf2a1a85cd251cfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedee"
        + "eff0f1f2f3f4f5f600000000000000000000000000000000000000000000000000000000000003e8";

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 251))];

    [Fact]
    public void The_state_is_the_one_that_docker_registry_saves()
    {
        using var hash = new ResumableSha256();
        hash.Append(Bytes.AsSpan(0, 1000));
        Assert.Equal(StateOfDockerRegistry, Convert.ToHexStringLower(hash.Save().Span));
        Assert.Equal(1000, ResumableSha256.LengthOf(hash.Save().Span));
    }

    [Fact]
    public void A_state_of_docker_registry_is_gone_on_with()
    {
        using var hash = new ResumableSha256();
        Assert.True(hash.TryLoad(Convert.FromHexString(StateOfDockerRegistry)));
        Assert.Equal(1000, hash.Length);
        hash.Append(Bytes.AsSpan(1000));
        Assert.Equal(Digest.OfSha256(Bytes), hash.CurrentDigest());
    }

    [Fact]
    public void A_hash_is_the_same_wherever_it_is_saved_and_loaded() =>
        Gen.Int[0, 300].List[0, 8].Sample(lengths =>
        {
            using IncrementalHash expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            ReadOnlyMemory<byte> state = new ResumableSha256().Save();
            foreach (int length in lengths)
            {
                using var hash = new ResumableSha256();
                Assert.True(hash.TryLoad(state.Span));
                hash.Append(Bytes.AsSpan(0, length));
                expected.AppendData(Bytes.AsSpan(0, length));
                Assert.Equal(Digest.FromHash(DigestAlgorithm.Sha256, expected.GetCurrentHash()), hash.CurrentDigest());
                state = hash.Save();
            }
        });

    [Fact]
    public void Beyond_four_gibibytes_of_bits_the_state_is_right_too()
    {
        byte[] state = Convert.FromHexString(StateOfDockerRegistry);
        state[102] = 1;
        using var hash = new ResumableSha256();
        Assert.True(hash.TryLoad(state));
        Assert.Equal((1L << 40) + 1000, hash.Length);
        Assert.Equal(state, hash.Save().ToArray());
        hash.Append(Bytes);
        Assert.Equal((1L << 40) + 6000, ResumableSha256.LengthOf(hash.Save().Span));
    }

    [Fact]
    public void What_is_not_a_state_is_not_loaded()
    {
        byte[] state = Convert.FromHexString(StateOfDockerRegistry);
        byte[] tooLong = [.. state];
        tooLong[100] = 0x20;
        byte[] another = [.. state];
        another[3] = 2;
        using var hash = new ResumableSha256();
        foreach (byte[] wrong in (byte[][])[[], state[..^1], [.. state, 0], tooLong, another])
        {
            Assert.Null(ResumableSha256.LengthOf(wrong));
            Assert.False(hash.TryLoad(wrong));
        }

        Assert.Equal(Digest.OfSha256([]), hash.CurrentDigest());
    }

    [Fact]
    public void Without_OpenSSLs_functions_it_hashes_but_saves_nothing()
    {
        using var hash = new ResumableSha256(library: null);
        Assert.False(hash.CanSave);
        Assert.True(hash.Save().IsEmpty);
        Assert.False(hash.TryLoad(Convert.FromHexString(StateOfDockerRegistry)));
        hash.Append(Bytes.AsSpan(0, 1000));
        hash.Append(Bytes.AsSpan(1000));
        Assert.Equal(5000, hash.Length);
        Assert.Equal(Digest.OfSha256(Bytes), hash.CurrentDigest());
    }
}
