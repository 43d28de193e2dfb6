using System.Security.Cryptography;

namespace Blobs.Hashing;

/// <summary>Incremental SHA-256. .NET calls OpenSSL, which uses the processor's SHA instructions.</summary>
internal sealed class Sha256Hasher : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Returns the hash of everything appended, and starts over.</summary>
    public Sha256Value Finish()
    {
        Span<byte> hash = stackalloc byte[Sha256Value.Length];
        _hash.GetHashAndReset(hash);
        return Sha256Value.Read(hash);
    }

    public void Dispose() => _hash.Dispose();
}
