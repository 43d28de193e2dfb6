using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// What a process remembers of an upload between its requests: the hash of what has come so far, so that nothing is read again, and
/// whose turn it is. All of it can be made anew from the storage, by hashing what is there.
/// </summary>
internal sealed class UploadState(string key) : IDisposable
{
    private Sha256Hasher? _hasher;

    public string Key { get; } = key;

    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whether the upload has ended, or was forgotten, while somebody waited.</summary>
    public bool IsForgotten { get; set; }

    public long LastUse { get; set; }

    /// <summary>How many bytes of the upload are in the hash.</summary>
    public long HashedBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        (_hasher ??= new Sha256Hasher()).Append(bytes);
        HashedBytes += bytes.Length;
    }

    /// <summary>SHA-256 of what was hashed; the next one begins at the first byte again.</summary>
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
