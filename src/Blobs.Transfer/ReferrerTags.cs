using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Transfer;

/// <summary>Tags that stand for what belongs to another manifest: cosign's, and the fallback tag for referrers (OCI
/// distribution-spec, "Referrers Tag Schema").</summary>
internal static class ReferrerTags
{
    private const int HexDigits = 64;

    private static readonly string[] CosignSuffixes = [".sig", ".att", ".sbom"];

    /// <summary>Cosign's tags for a manifest: <c>sha256-HEX.sig</c>, <c>.att</c> and <c>.sbom</c>.</summary>
    public static IEnumerable<string> OfCosign(Digest manifest) =>
        CosignSuffixes.Select(suffix => $"{DigestText.NameOf(manifest.Algorithm)}-{manifest.Hex}{suffix}");

    /// <summary>The fallback tag, an index of the manifest's referrers.</summary>
    public static string Fallback(Digest manifest) => $"{DigestText.NameOf(manifest.Algorithm)}-{manifest.Hex[..HexDigits]}";

    /// <summary>Whether a tag is one of these, for any manifest.</summary>
    public static bool IsOne(string tag)
    {
        const string Prefix = $"{DigestText.Sha256}-";
        return tag.StartsWith(Prefix, StringComparison.Ordinal)
            && tag.Length >= Prefix.Length + HexDigits
            && Digest.TryParse(string.Concat(DigestText.Sha256Prefix, tag.AsSpan(Prefix.Length, HexDigits)), null, out _)
            && tag[(Prefix.Length + HexDigits)..] is var suffix
            && (suffix.Length == 0 || CosignSuffixes.Contains(suffix));
    }
}
