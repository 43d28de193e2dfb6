using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Blobs.Hashing;

namespace Blobs.Erofs;

/// <summary>UUIDs made from a layer's DiffID (RFC 4122, version 5).</summary>
internal static class ErofsUuid
{
    private static ReadOnlySpan<byte> UrlNamespace =>
        [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

    /// <summary>The UUID of a layer's image, as containerd makes it for its cache of layers.</summary>
    public static Guid Of(DiffId diffId) => OfName($"erofs:blobs/{diffId}");

    /// <summary>The UUID of the dm-verity tree of that image.</summary>
    public static Guid OfVerity(DiffId diffId) => OfName($"erofs:verity/{diffId}");

    [SuppressMessage("Security", "CA5350", Justification = "RFC 4122 defines version 5 with SHA-1; nothing relies on its strength.")]
    private static Guid OfName(string name)
    {
        byte[] hash = SHA1.HashData([.. UrlNamespace, .. Encoding.ASCII.GetBytes(name)]);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
