using System.Text;
using Blobs.Hashing;

namespace Blobs.ContainersStorage;

/// <summary>
/// Ids of image layers. The id of a base layer is the hex digits of its DiffID; that of another is the SHA-256 of its
/// parent's id, a plus sign and the hex digits of its DiffID. It is not the ChainID that Docker and containerd use.
/// </summary>
internal static class LayerIds
{
    private const int Length = 64;

    /// <summary>The ids of an image's layers, base first.</summary>
    public static string[] Of(IReadOnlyList<DiffId> diffIds)
    {
        var ids = new string[diffIds.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = i == 0 ? diffIds[i].Hex : Digest.OfSha256(Encoding.ASCII.GetBytes($"{ids[i - 1]}+{diffIds[i].Hex}")).Hex;
        }

        return ids;
    }

    /// <summary>Whether a text can be the id of a layer or image, and so can name a directory.</summary>
    public static bool IsValid(string id) => id.Length == Length && id.All(char.IsAsciiHexDigitLower);
}
