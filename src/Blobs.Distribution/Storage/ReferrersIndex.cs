using System.Collections.Concurrent;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Referrers by subject, per repository, for storages that do not find them by <see cref="ReferenceKind.Referrer"/>: on
/// a disk, manifests that docker-registry has pushed have none. So the index is built from the manifests. Each manifest
/// is read once, because its digest always names the same content.
/// </summary>
internal sealed class ReferrersIndex
{
    // A manifest takes about a hundred bytes. Beyond the limit, the index is dropped, and rebuilt per repository on
    // demand.
    private const int ManifestsMax = 1_000_000;

    private readonly ConcurrentDictionary<string, Repository> _repositories = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Returns descriptors of all manifests with this <paramref name="subject"/> that the repository has or
    /// once had.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="manifests">Its manifests. If it is the same list as before, there is nothing new to read.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="read">Reads a manifest; null when it does not exist now.</param>
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

    /// <summary>Returns all that was learned of a repository: subjects and descriptors of their referrers.</summary>
    public async ValueTask<IReadOnlyList<(Digest Subject, Descriptor Referrer)>> AllAsync(string name)
    {
        if (!_repositories.TryGetValue(name, out Repository? repository))
        {
            return [];
        }

        await repository.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return [.. repository.Referrers.SelectMany(pair => pair.Value, (pair, referrer) => (pair.Key, referrer))];
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
                // The manifest was deleted, or is being pushed. It may appear later without a change of the list.
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
