using System.ComponentModel;

namespace Blobs.Hashing.Internal;

/// <summary>Parts of the text of a digest: the names of algorithms, which also appear in paths, prefixes, and short ids.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DigestText
{
    /// <summary>SHA-256.</summary>
    public const string Sha256 = "sha256";

    /// <summary>SHA-512.</summary>
    public const string Sha512 = "sha512";

    /// <summary>The names of all algorithms.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [Sha256, Sha512];

    /// <summary>The start of every SHA-256 digest.</summary>
    public const string Sha256Prefix = Sha256 + ":";

    /// <summary>Hex digits of a short id, as lists and host names show it.</summary>
    public const int ShortLength = 12;

    /// <summary>The algorithm's name.</summary>
    public static string NameOf(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? Sha256 : Sha512;

    /// <summary>The text with <c>sha256:</c> in front; unchanged if it has that already.</summary>
    public static string WithSha256(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? text : Sha256Prefix + text;
    }

    /// <summary>The text without <c>sha256:</c> in front; unchanged if it has none.</summary>
    public static string WithoutSha256(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Sha256Prefix, StringComparison.Ordinal) ? text[Sha256Prefix.Length..] : text;
    }

    /// <summary>The short id: the first <see cref="ShortLength"/> hex digits, without <c>sha256:</c>.</summary>
    public static string Shorten(string text)
    {
        string hex = WithoutSha256(text);
        return hex[..Math.Min(ShortLength, hex.Length)];
    }
}
