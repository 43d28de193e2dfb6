using System.Globalization;
using System.Security.Cryptography;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Names a layer's directory in its driver: 32 random bytes in hex, unrelated to what is in it.</summary>
internal static class CacheId
{
    private const int Bytes = 32;

    // BuildKit's ids: 17 random bytes to the base 36, whose last 25 digits it takes.
    private const int BuildKitLength = 25;

    /// <summary>A new one. The engine avoids ids whose short form reads as a number, as some tools take those for one.</summary>
    public static string Create()
    {
        while (true)
        {
            string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
            if (!long.TryParse(id.AsSpan(0, DigestText.ShortLength), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return id;
            }
        }
    }

    /// <summary>Whether it is a name that an engine gives: 64 hex digits, in old roots 32, or 25 letters and digits where BuildKit made the
    /// layer.</summary>
    public static bool IsOne(string id) =>
        IsBuildKits(id) || (id.Length is 2 * Bytes or Bytes && id.All(char.IsAsciiHexDigitLower));

    /// <summary>Whether BuildKit gives such names: its directory became the layer as the build step had left it.</summary>
    public static bool IsBuildKits(string id) =>
        id.Length == BuildKitLength && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter));
}
