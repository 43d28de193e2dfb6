using System.Security.Cryptography;
using Blobs.Files.Internal;

namespace Blobs.Registry;

/// <summary>The secret that signs tokens.</summary>
internal static class TokenKey
{
    private const int BytesMin = 32;
    private const int BytesMax = 4096;

    /// <summary>Reads the secret from a file; null for a new one.</summary>
    public static byte[] Of(string? file) => file is null ? RandomNumberGenerator.GetBytes(BytesMin) : Read(file);

    private static byte[] Read(string file)
    {
        // An editor or a shell may have added a newline on one host, and not on another.
        byte[] key = SmallFile.ReadBytes(file, BytesMax).AsSpan().TrimEnd("\r\n"u8).ToArray();
        return key.Length >= BytesMin
            ? key
            : throw new RegistryStartException(
                $"{file}: has {key.Length} bytes, expected at least {BytesMin}, as `openssl rand -hex {BytesMin}` writes them");
    }
}
