using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// In-memory state of an upload between requests: the hash of the bytes so far, which avoids reading them again, and a
/// lock. It can be rebuilt at any time by hashing the stored bytes.
/// </summary>
internal sealed class UploadState(string key) : IDisposable
{
    private Sha256Hasher? _hasher;

    public string Key { get; } = key;

    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether the upload ended, or its state was dropped, while a request waited for it.</summary>
    public bool IsForgotten { get; set; }

    public long LastUse { get; set; }

    /// <summary>Number of bytes of the upload that were hashed.</summary>
    public long HashedBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        (_hasher ??= new Sha256Hasher()).Append(bytes);
        HashedBytes += bytes.Length;
    }

    /// <summary>Returns the SHA-256 digest of the hashed bytes, and resets the hash.</summary>
    public Digest Finish()
    {
        HashedBytes = 0;
        return (_hasher ??= new Sha256Hasher()).FinishDigest();
    }

    public void Dispose()
    {
        _hasher?.Dispose();
        Turn.Dispose();
    }
}
