using System.Globalization;
using System.Security.Cryptography;

namespace Blobs.Layers;

/// <summary>Names a layer's directory in its driver: 32 random bytes in hex, unrelated to what is in it.</summary>
internal static class CacheId
{
    private const int Bytes = 32;
    private const int ShortLength = 12;

    /// <summary>A new one. The engine avoids ids whose short form reads as a number, as some tools take those for one.</summary>
    public static string Create()
    {
        while (true)
        {
            string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
            if (!long.TryParse(id.AsSpan(0, ShortLength), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return id;
            }
        }
    }
}
