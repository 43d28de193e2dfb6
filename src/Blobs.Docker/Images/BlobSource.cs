using System.Security.Cryptography;
using System.Text;
using Blobs.Hashing;

namespace Blobs.Docker.Images;

/// <summary>A blob in a repository that is known to hold a layer: where a push may find it instead of sending it again.</summary>
/// <param name="Digest">The blob's digest.</param>
/// <param name="Repository">Registry and repository in full, such as <c>docker.io/library/alpine</c>; empty when nobody noted it.</param>
/// <param name="Hmac">Proof that somebody with certain credentials noted it; empty when it was noted without any.</param>
public sealed record BlobSource(Digest Digest, string Repository, string Hmac)
{
    /// <summary>A blob that was seen, with the proof of who saw it.</summary>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="repository">Registry and repository in full.</param>
    /// <param name="credentials">The JSON of the credentials in use , as the engine writes it; null for none.</param>
    public static BlobSource Create(Digest digest, string repository, ReadOnlySpan<byte> credentials) =>
        new(digest, repository, Prove(digest, repository, KeyOf(credentials)));

    /// <summary>Whether who has these credentials may rely on it.</summary>
    public bool IsVouchedFor(ReadOnlySpan<byte> credentials) => Hmac == Prove(Digest, Repository, KeyOf(credentials));

    // The key is text: the digest of the credentials' JSON, written with its algorithm.
    private static string KeyOf(ReadOnlySpan<byte> credentials) => credentials.IsEmpty ? "" : $"{Hashing.Digest.OfSha256(credentials)}";

    private static string Prove(Digest digest, string repository, string key) => key.Length == 0
        ? ""
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), Encoding.UTF8.GetBytes($"{digest}{repository}")));
}
