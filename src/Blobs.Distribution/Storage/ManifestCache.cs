using System.Collections.Concurrent;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>Cache of manifests that were read and verified. A digest always names the same manifest, so entries stay
/// valid; the caller checks whether a repository has it.</summary>
internal sealed class ManifestCache(long bytesMax)
{
    // Estimated memory of an entry, apart from its document.
    private const int OverheadBytes = 512;

    private readonly ConcurrentDictionary<Digest, StoredManifest> _manifests = new();
    private long _bytes;

    public StoredManifest? Find(Digest digest) => _manifests.GetValueOrDefault(digest);

    public void Remember(StoredManifest manifest)
    {
        long cost = manifest.Bytes.Length + OverheadBytes;
        if (cost > bytesMax / 4)
        {
            return;
        }

        if (Interlocked.Add(ref _bytes, cost) > bytesMax)
        {
            _manifests.Clear();
            Interlocked.Exchange(ref _bytes, cost);
        }

        _manifests[manifest.Digest] = manifest;
    }
}
