using System.Security.Cryptography;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Hashing;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData(DigestAlgorithm.Sha256)]
    [InlineData(DigestAlgorithm.Sha512)]
    public async Task A_blob_with_the_expected_digest_is_read_whole(DigestAlgorithm algorithm)
    {
        using var stream = new VerifyingStream(new ChunkedStream(Blob, 700), DigestOf(algorithm), Blob.Length);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(Blob, copy.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4999)]
    public void A_changed_byte_fails_before_the_end_is_reported(int position)
    {
        byte[] changed = [.. Blob];
        changed[position] ^= 1;
        using var stream = new VerifyingStream(new MemoryStream(changed), DigestOf(DigestAlgorithm.Sha256));
        DigestMismatchException error = Assert.Throws<DigestMismatchException>(() => stream.CopyTo(Stream.Null));
        Assert.Equal(Blob.Length, error.Bytes);
        Assert.Equal($"{DigestOf(DigestAlgorithm.Sha256)}", error.Expected);
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(6000)]
    public void A_wrong_length_fails(int expectedLength)
    {
        using var stream = new VerifyingStream(new ChunkedStream(Blob, 100), DigestOf(DigestAlgorithm.Sha256), expectedLength);
        Assert.Throws<DigestMismatchException>(() => stream.CopyTo(Stream.Null));
    }

    private static Digest DigestOf(DigestAlgorithm algorithm) =>
        Digest.FromHash(algorithm, algorithm == DigestAlgorithm.Sha256 ? SHA256.HashData(Blob) : SHA512.HashData(Blob));
}
