using System.Security.Cryptography;

namespace Blobs.Docker.Layers;

/// <summary>
/// Creates the short second names of overlay2 directories, below <c>l/</c>. Mount options must fit into one page, and
/// they list every lower layer by this name.
/// </summary>
internal static class LinkId
{
    private const int Length = 26;

    /// <summary>Returns 26 characters of base32 (RFC 4648, section 6), in upper case.</summary>
    public static string Create() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", Length);
}
