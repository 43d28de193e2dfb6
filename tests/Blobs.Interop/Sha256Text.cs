using System.Security.Cryptography;
using System.Text;

namespace Blobs.Interop;

/// <summary>Digests as text, the way every store and manifest spells them.</summary>
internal static class Sha256Text
{
    public static string Of(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string OfFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>OCI image-spec config.md: a layer's identity together with everything below it.</summary>
    public static string Chain(string? parent, string diffId) =>
        parent is null ? diffId : Of(Encoding.ASCII.GetBytes($"{parent} {diffId}"));

    public static IReadOnlyList<string> Chains(IEnumerable<string> diffIds)
    {
        var chains = new List<string>();
        foreach (string diffId in diffIds)
        {
            chains.Add(Chain(chains.LastOrDefault(), diffId));
        }

        return chains;
    }
}
