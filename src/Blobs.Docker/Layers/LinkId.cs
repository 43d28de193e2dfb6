using System.Security.Cryptography;

namespace Blobs.Docker.Layers;

/// <summary>
/// The short second name of an overlay2 directory, below <c>l/</c>: mount options must fit into one page, and every lower
/// layer is named in them.
/// </summary>
internal static class LinkId
{
    private const int Length = 26;

    /// <summary>26 characters of base32 (RFC 4648, 6), upper case.</summary>
    public static string Create() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", Length);
}
