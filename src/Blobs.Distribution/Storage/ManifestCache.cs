using System.Collections.Concurrent;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>Manifests that were read and checked already. What a digest names never changes; who has it is asked elsewhere.</summary>
internal sealed class ManifestCache(long bytesMax)
{
    // What an entry costs beside its document.
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
