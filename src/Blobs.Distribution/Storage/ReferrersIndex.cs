using System.Collections.Concurrent;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Which manifest is about which. The layout on disk has no place for it, and the reference registry would not fill one, so it is
/// learned from the manifests themselves: each is read once, as a digest never changes what it names.
/// </summary>
internal sealed class ReferrersIndex
{
    // A hundred bytes a manifest; repositories beyond are learned anew when they are asked about.
    private const int ManifestsMax = 1_000_000;

    private readonly ConcurrentDictionary<string, Repository> _repositories = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Descriptors of all manifests about <paramref name="subject"/> that a repository ever had.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="manifests">Its manifests; the same list again means that there is none to learn.</param>
    /// <param name="subject">What they are about.</param>
    /// <param name="read">Reads a manifest; null when it is not there now.</param>
    public async ValueTask<IReadOnlyList<Descriptor>> FindAsync(
        string name, IReadOnlyList<ListedReference> manifests, Digest subject, Func<Digest, ValueTask<StoredManifest?>> read)
    {
        if (manifests.Count == 0)
        {
            return [];
        }

        Repository repository = _repositories.GetOrAdd(name, static _ => new Repository());
        await repository.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(repository.Learned, manifests))
            {
                await LearnAsync(repository, manifests, read).ConfigureAwait(false);
            }

            return repository.Referrers.TryGetValue(subject, out List<Descriptor>? found) ? [.. found] : [];
        }
        finally
        {
            repository.Turn.Release();
        }
    }

    private async ValueTask LearnAsync(
        Repository repository, IReadOnlyList<ListedReference> manifests, Func<Digest, ValueTask<StoredManifest?>> read)
    {
        bool isComplete = true;
        foreach (ListedReference listed in manifests)
        {
            Digest digest = listed.Reference.Digest;
            if (digest.Algorithm != DigestAlgorithm.Sha256 || repository.Seen.Contains(digest))
            {
                continue;
            }

            StoredManifest? manifest = await read(digest).ConfigureAwait(false);
            if (manifest is null)
            {
                // Deleted, or still on its way: it may come (back) without the list changing.
                isComplete = false;
                continue;
            }

            repository.Add(manifest);
            if (Interlocked.Increment(ref _count) > ManifestsMax)
            {
                Interlocked.Exchange(ref _count, 0);
                _repositories.Clear();
            }
        }

        repository.Learned = isComplete ? manifests : null;
    }

    private sealed class Repository
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public HashSet<Digest> Seen { get; } = [];

        public Dictionary<Digest, List<Descriptor>> Referrers { get; } = [];

        public IReadOnlyList<ListedReference>? Learned { get; set; }

        public void Add(StoredManifest manifest)
        {
            Seen.Add(manifest.Digest);
            if (manifest is not { Subject: { } subject, Referrer: { } referrer })
            {
                return;
            }

            if (!Referrers.TryGetValue(subject, out List<Descriptor>? list))
            {
                Referrers[subject] = list = [];
            }

            list.Add(referrer);
        }
    }
}
