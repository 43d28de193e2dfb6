using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Blobs.Registry;

/// <summary>
/// Tokens that say who somebody is and until when, sealed with a key of this process: base64url of the expiry in Unix seconds
/// (8 bytes), the user's name, and HMAC-SHA-256 over both. Whoever did not log in gets one with an empty name.
/// </summary>
internal sealed class AccessTokens(RegistryOptions options, TimeProvider clock)
{
    private const int ExpiryBytes = sizeof(long);
    private const int SealBytes = HMACSHA256.HashSizeInBytes;
    private const int CharactersMax = 4096;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Issue(string user)
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        var token = new byte[ExpiryBytes + name.Length + SealBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, (clock.GetUtcNow() + options.TokenLifetime).ToUnixTimeSeconds());
        name.CopyTo(token, ExpiryBytes);
        HMACSHA256.HashData(_key, token.AsSpan(0, ExpiryBytes + name.Length), token.AsSpan(ExpiryBytes + name.Length));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whose token it is; null when it is none of ours, or too old.</summary>
    public string? UserOf(string text)
    {
        if (text.Length > CharactersMax || !Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] token = Base64Url.DecodeFromChars(text);
        if (token.Length < ExpiryBytes + SealBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> said = token.AsSpan(0, token.Length - SealBytes);
        Span<byte> seal = stackalloc byte[SealBytes];
        HMACSHA256.HashData(_key, said, seal);
        bool isOurs = CryptographicOperations.FixedTimeEquals(seal, token.AsSpan(said.Length));
        return isOurs && BinaryPrimitives.ReadInt64BigEndian(said) > clock.GetUtcNow().ToUnixTimeSeconds()
            ? Encoding.UTF8.GetString(said[ExpiryBytes..])
            : null;
    }
}
