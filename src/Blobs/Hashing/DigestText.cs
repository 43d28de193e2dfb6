namespace Blobs.Hashing;

/// <summary>The names of hash algorithms in digests and in paths, and hex digits without them.</summary>
public static class DigestText
{
    /// <summary>SHA-256.</summary>
    public const string Sha256 = "sha256";

    /// <summary>SHA-512.</summary>
    public const string Sha512 = "sha512";

    /// <summary>What a SHA-256 digest begins with.</summary>
    public const string Sha256Prefix = Sha256 + ":";

    /// <summary>Hex digits of a digest, a DiffID or a ChainID as short lists and host names show it.</summary>
    public const int ShortLength = 12;

    /// <summary>The algorithm's name.</summary>
    public static string NameOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? Sha256 : Sha512;

    /// <summary>The text with the algorithm in front, which it may have already: <c>sha256:</c> and what follows.</summary>
    public static string WithSha256(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? text : Sha256Prefix + text;
    }

    /// <summary>The text without <c>sha256:</c> in front, where it has that.</summary>
    public static string WithoutSha256(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? text[Sha256Prefix.Length..] : text;
    }

    /// <summary>The first digits, without the algorithm.</summary>
    public static string Shorten(string text)
    {
        string hex = WithoutSha256(text);
        return hex[..Math.Min(ShortLength, hex.Length)];
    }
}
