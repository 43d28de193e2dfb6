using System.Security.Cryptography;
using System.Text;
using Blobs.Hashing;

namespace Blobs.Docker.Images;

/// <summary>A known blob of a layer, in a repository, so that a push may find it there instead of sending it
/// again.</summary>
/// <param name="Digest">The blob's digest.</param>
/// <param name="Repository">Registry and repository in full, such as <c>docker.io/library/alpine</c>; empty when it is
/// not known.</param>
/// <param name="Hmac">HMAC that proves with which credentials it was recorded; empty when there were none.</param>
public sealed record BlobSource(Digest Digest, string Repository, string Hmac)
{
    /// <summary>Makes an entry, with the HMAC of these credentials.</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="repository">Registry and repository in full.</param>
    /// <param name="credentials">The JSON of the credentials, as dockerd writes it; empty for none.</param>
    public static BlobSource Create(Digest digest, string repository, ReadOnlySpan<byte> credentials) =>
        new(digest, repository, Prove(digest, repository, KeyOf(credentials)));

    /// <summary>Whether it was recorded with these credentials.</summary>
    public bool IsVouchedFor(ReadOnlySpan<byte> credentials) => Hmac == Prove(Digest, Repository, KeyOf(credentials));

    // The key is the text of the digest of the credentials' JSON, with its algorithm.
    private static string KeyOf(ReadOnlySpan<byte> credentials) => credentials.IsEmpty ? "" : $"{Hashing.Digest.OfSha256(credentials)}";

    private static string Prove(Digest digest, string repository, string key) => key.Length == 0
        ? ""
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), Encoding.UTF8.GetBytes($"{digest}{repository}")));
}
