using System.ComponentModel;
using System.Security.Cryptography;

namespace Blobs.Hashing.Internal;

/// <summary>Incremental SHA-256. .NET calls OpenSSL, which uses the processor's SHA instructions.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Sha256Hasher : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Returns the hash of everything appended, and starts over.</summary>
    internal Sha256Value Finish()
    {
        Span<byte> hash = stackalloc byte[Sha256Value.Length];
        _hash.GetHashAndReset(hash);
        return Sha256Value.Read(hash);
    }

    /// <summary>As a digest; the hasher starts over.</summary>
    public Digest FinishDigest() => new(Finish());

    /// <summary>As a DiffID; the hasher starts over.</summary>
    public DiffId FinishDiffId() => new(Finish());

    public void Dispose() => _hash.Dispose();
}
