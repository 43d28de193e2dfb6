using System.Globalization;
using System.Security.Cryptography;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Creates and recognizes cache ids: the names of layers' directories in their storage driver. A cache id is
/// 32 random bytes in hex, unrelated to the layer's content.</summary>
internal static class CacheId
{
    private const int Bytes = 32;

    // BuildKit's ids: 17 random bytes in base 36, of which the last 25 digits are used.
    private const int BuildKitLength = 25;

    /// <summary>Creates a cache id. Like dockerd, avoids ids whose short form parses as a number, because some tools
    /// treat such an id as a number.</summary>
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

    /// <summary>Whether a name has the form of a dockerd cache id: 64 hex digits, 32 in old data roots, or 25 letters
    /// and digits for a layer made by BuildKit.</summary>
    public static bool IsOne(string id) =>
        IsBuildKits(id) || (id.Length is 2 * Bytes or Bytes && id.All(char.IsAsciiHexDigitLower));

    /// <summary>Whether a name has the form that BuildKit uses. The directory of such a layer is the one that the build
    /// step wrote.</summary>
    public static bool IsBuildKits(string id) =>
        id.Length == BuildKitLength && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter));
}
