using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Blobs.Registry;

/// <summary>
/// Bearer tokens that hold a user and an expiry, signed with a secret key: base64url of the expiry in Unix
/// seconds (8 bytes), the user's name, and HMAC-SHA-256 over both. An anonymous token has an empty name.
/// </summary>
internal sealed class AccessTokens(RegistryOptions options, TimeProvider clock)
{
    private const int ExpiryBytes = sizeof(long);
    private const int SignatureBytes = HMACSHA256.HashSizeInBytes;
    private const int CharactersMax = 4096;

    private readonly byte[] _key = TokenKey.Of(options.TokenKeyFile);

    public string Issue(string user)
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        var token = new byte[ExpiryBytes + name.Length + SignatureBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, (clock.GetUtcNow() + options.TokenLifetime).ToUnixTimeSeconds());
        name.CopyTo(token, ExpiryBytes);
        HMACSHA256.HashData(_key, token.AsSpan(0, ExpiryBytes + name.Length), token.AsSpan(ExpiryBytes + name.Length));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The token's user; null when the token is invalid or expired.</summary>
    public string? UserOf(string text)
    {
        if (text.Length > CharactersMax || !Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] token = Base64Url.DecodeFromChars(text);
        if (token.Length < ExpiryBytes + SignatureBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> signed = token.AsSpan(0, token.Length - SignatureBytes);
        Span<byte> signature = stackalloc byte[SignatureBytes];
        HMACSHA256.HashData(_key, signed, signature);
        bool isOurs = CryptographicOperations.FixedTimeEquals(signature, token.AsSpan(signed.Length));
        return isOurs && BinaryPrimitives.ReadInt64BigEndian(signed) > clock.GetUtcNow().ToUnixTimeSeconds()
            ? Encoding.UTF8.GetString(signed[ExpiryBytes..])
            : null;
    }
}
