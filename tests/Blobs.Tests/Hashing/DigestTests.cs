using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Tests.Hashing;

public sealed class DigestTests
{
    private const string Hex = "c0de73ac99683640bc8f8de5cda9e0e2fc97fe53d78c9fd60ea69b31303efbc9";

    [Theory]
    [InlineData("sha256:" + Hex)]
    [InlineData("sha512:" + Hex + Hex)]
    public void Parsing_and_formatting_round_trip(string text)
    {
        var digest = Digest.Parse(text);
        Assert.Equal(text, digest.ToString());
        Assert.Equal(text, $"{digest}");
        Assert.Equal(digest, Digest.Parse(text));
        Assert.Equal(text[7..], digest.Hex);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData(Hex)]
    [InlineData("sha256:" + Hex + "0")]
    [InlineData("sha256:C0DE73AC99683640BC8F8DE5CDA9E0E2FC97FE53D78C9FD60EA69B31303EFBC9")]
    [InlineData("sha512:" + Hex)]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:g0de73ac99683640bc8f8de5cda9e0e2fc97fe53d78c9fd60ea69b31303efbc9")]
    public void Anything_else_is_not_a_digest(string text)
    {
        Assert.False(Digest.TryParse(text, null, out _));
        MalformedDataException error = Assert.Throws<MalformedDataException>(() => Digest.Parse(text));
        Assert.Equal(Fault.DigestSyntax, error.Fault);
        Assert.EndsWith(
            "is not a digest: expected sha256: and 64, or sha512: and 128, lower-case hex digits", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Digests_of_different_algorithms_differ() =>
        Assert.NotEqual(Digest.Parse("sha256:" + Hex), Digest.Parse("sha512:" + Hex + Hex));

    [Fact]
    public void Digests_sort_like_their_text()
    {
        string[] texts = ["sha256:" + new string('0', 64), "sha256:" + Hex, "sha256:" + new string('f', 64)];
        Assert.Equal(texts, texts.Reverse().Select(text => Digest.Parse(text)).Order().Select(digest => $"{digest}"));
        Assert.True(Digest.Parse(texts[0]) < Digest.Parse(texts[1]));
    }

    [Fact]
    public void The_digest_of_no_bytes_is_the_well_known_one() =>
        Assert.Equal("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", $"{Digest.OfSha256([])}");
}
