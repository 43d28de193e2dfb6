using System.Collections.Concurrent;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Collection;

/// <summary>
/// One pass over the whole storage. The first mark of a run fills the list of candidates; the second confirms those that
/// are still garbage after the list was published.
/// </summary>
internal sealed class Mark
{
    private const int RepositoriesAtOnce = 4;
    private const int RequestsAtOnce = 8;
    private const int BatchCount = 512;
    private const int AttemptsMax = 3;

    private readonly IRegistryStorage _storage;
    private readonly Limits _limits;
    private readonly RepositoryNames _names;
    private readonly CandidateList _candidates;
    private readonly ConcurrentDictionary<(string Repository, CandidateKey Key), bool> _lacking;
    private readonly bool _isFirst;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, HashSet<ulong>> _unlinked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _broken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unread = new(StringComparer.Ordinal);

    // What is needed, or has a link that stays.
    private DigestSet _kept = new();
    private long _young;
    private long _youngBlobs;

    private Mark(Collection collection, CandidateList candidates, bool isFirst, DateTimeOffset now)
    {
        _storage = collection.Storage;
        _limits = collection.Limits;
        _names = collection.Names;
        _candidates = candidates;
        _lacking = collection.Lacking;
        _isFirst = isFirst;
        Requests = collection.Requests;
        Reader = collection.Reader;
        Options = collection.Options;
        Now = now;
    }

    public StoreRequests Requests { get; }

    public RevisionReader Reader { get; }

    public CollectionOptions Options { get; }

    public DateTimeOffset Now { get; }

    /// <summary>Whether only the lists of the digests that this run takes are read. The first mark of the first run reads all,
    /// to find what manifests lack.</summary>
    public bool IsPartial => !_isFirst || _candidates.From > 0;

    /// <summary>The name after which lists of digests start.</summary>
    public string? After => IsPartial && _candidates.From > 0 ? $"sha256:{_candidates.From - 1:x2}{new string('f', 62)}" : null;

    /// <summary>Number of repositories.</summary>
    public int Repositories { get; private set; }

    /// <summary>Number of blobs that stay.</summary>
    public long KeptBlobs { get; private set; }

    /// <summary>Number of blobs and links that only their age protects.</summary>
    public long Young => Interlocked.Read(ref _young);

    public bool HasForeignWriter { get; private set; }

    public IReadOnlyList<string> Broken => Names(_broken);

    public IReadOnlyList<string> Unread => Names(_unread);

    /// <summary>The first mark: finds candidates.</summary>
    public static async Task<Mark> RunAsync(Collection collection, CandidateList candidates, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            DateTimeOffset now = await collection.Storage.TimeAsync(cancellationToken).ConfigureAwait(false);
            var mark = new Mark(collection, candidates, isFirst: true, now);
            await mark.MarkRepositoriesAsync(cancellationToken).ConfigureAwait(false);
            await mark.FindBlobsAsync(cancellationToken).ConfigureAwait(false);
            if (attempt == AttemptsMax || mark.IsPartial || !await mark.FindLackingAsync(cancellationToken).ConfigureAwait(false))
            {
                candidates.Sort();
                return mark;
            }

            // Again, without the manifests that are broken.
            candidates.Clear();
        }
    }

    /// <summary>The second mark: confirms what is still garbage.</summary>
    public async Task<Mark> MarkAgainAsync(Collection collection, CancellationToken cancellationToken)
    {
        _kept = new DigestSet();
        DateTimeOffset now = await _storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        var mark = new Mark(collection, _candidates, isFirst: false, now);
        await mark.MarkRepositoriesAsync(cancellationToken).ConfigureAwait(false);
        return mark;
    }

    /// <summary>Whether an entry is garbage as a whole, after the second mark.</summary>
    public bool Confirms(CandidateEntry entry)
    {
        for (int i = 0; i < entry.Count; i++)
        {
            Candidate candidate = entry[i];
            bool isGarbage = candidate.Kind is null
                ? !_kept.Contains(DigestSet.KeyOf(candidate.Key.ToDigest()))
                : candidate.IsConfirmed;
            if (!isGarbage)
            {
                return false;
            }
        }

        return true;
    }

    public static ParallelOptions AtOnce(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken };

    /// <summary>Whether something is old enough to go; what does not exist is.</summary>
    public bool IsOld(DateTimeOffset? changedAt) => changedAt is not { } time || Now - time >= Options.MinimumAge;

    /// <summary>Whether a list that is sorted by digests has nothing more that this run takes.</summary>
    public bool IsPast(Digest digest) => IsPartial && CandidateKey.Of(digest).FirstByte >= _candidates.End;

    public bool Takes(CandidateKey key) => _isFirst ? _candidates.Takes(key) : _candidates.Has(key);

    /// <summary>Takes garbage as a candidate, or confirms it; false in a second mark that finds something new.</summary>
    public bool Found(in Candidate candidate)
    {
        if (!_isFirst)
        {
            return _candidates.Confirm(candidate);
        }

        _candidates.Add(candidate);
        return true;
    }

    public void Keep(DigestSet needed)
    {
        (int from, int end) = IsPartial ? (_candidates.From, _candidates.End) : (0, CandidateKey.FirstBytes);
        lock (_lock)
        {
            _kept.UnionWith(needed, from, end);
        }
    }

    public void Keep(ulong key)
    {
        lock (_lock)
        {
            _kept.Add(key);
        }
    }

    public void KeepYoung(ulong key)
    {
        Interlocked.Increment(ref _young);
        Keep(key);
    }

    /// <summary>Notes what a repository needs, and has no link to.</summary>
    public void Lacks(string repository, IEnumerable<ulong> keys)
    {
        HashSet<ulong> lacking = IsPartial ? [] : [.. keys];
        if (lacking.Count > 0)
        {
            _unlinked[repository] = lacking;
        }
    }

    public void NoticeBroken(string repository, Revision revision) => Notice(_broken, repository, revision);

    public void NoticeUnread(string repository, Revision revision)
    {
        if (revision.Content.IsUnread)
        {
            Notice(_unread, repository, revision);
        }
    }

    public void NoticeForeign(StoredReference reference) => HasForeignWriter |= reference.IsForeign && !IsOld(reference.ChangedAt);

    /// <summary>Whether a manifest lacks a part, as the first mark found; the second asks again.</summary>
    public async ValueTask<bool> LacksPartAsync(string repository, Revision revision, CancellationToken cancellationToken) =>
        _lacking.ContainsKey((repository, revision.Key))
        && (_isFirst || await AskForPartsAsync(repository, revision.Key, cancellationToken).ConfigureAwait(false));

    /// <summary>Records the referrers of a repository that another program has pushed.</summary>
    public async Task CompleteReferrersAsync(
        string repository, IEnumerable<CandidateKey> manifests, CancellationToken cancellationToken)
    {
        if (!_isFirst || Options.DryRun || !_storage.References.FindsReferrers)
        {
            return;
        }

        foreach (CandidateKey key in manifests)
        {
            Digest digest = key.ToDigest();
            if (await ParseAsync(digest, cancellationToken).ConfigureAwait(false) is { Subject: { } subject })
            {
                await Requests.WriteAsync(
                    RegistryReference.ToReferrer(repository, subject.Digest, digest), digest, cancellationToken).ConfigureAwait(false);
            }
        }

        await _storage.References.ConfirmAllReferrersAsync(repository, cancellationToken).ConfigureAwait(false);
    }

    private static IReadOnlyList<string> Names(ConcurrentDictionary<string, bool> noticed) =>
        [.. noticed.Keys.Order(StringComparer.Ordinal).Take(CollectionReport.NamesMax)];

    private static void Notice(ConcurrentDictionary<string, bool> noticed, string repository, Revision revision)
    {
        if (noticed.Count < CollectionReport.NamesMax)
        {
            noticed[$"{repository}@{revision.Key.ToDigest()}"] = true;
        }
    }

    private async Task MarkRepositoriesAsync(CancellationToken cancellationToken)
    {
        var repositories = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ReferenceKind kind in (ReferenceKind[])[ReferenceKind.Manifest, ReferenceKind.Blob])
        {
            await foreach (string name in Requests.RepositoriesAsync(kind, cancellationToken).ConfigureAwait(false))
            {
                repositories.Add(name);
            }
        }

        Repositories = repositories.Count;
        var limit = new ParallelOptions { MaxDegreeOfParallelism = RepositoriesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(repositories, limit, async (name, stop) =>
            await new RepositoryMark(this, name, _names.NumberOf(name)).RunAsync(stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task FindBlobsAsync(CancellationToken cancellationToken)
    {
        var unneeded = new List<ListedBlob>();
        await foreach (ListedBlob blob in Requests.BlobsAsync(After, cancellationToken).ConfigureAwait(false))
        {
            if (IsPast(blob.Digest))
            {
                break;
            }

            if (_kept.TrySee(DigestSet.KeyOf(blob.Digest)))
            {
                KeptBlobs++;
                continue;
            }

            unneeded.Add(blob);
            if (unneeded.Count == BatchCount)
            {
                await FindBlobsAsync(unneeded, cancellationToken).ConfigureAwait(false);
                unneeded.Clear();
            }
        }

        await FindBlobsAsync(unneeded, cancellationToken).ConfigureAwait(false);
        KeptBlobs += _youngBlobs;
    }

    private Task FindBlobsAsync(List<ListedBlob> blobs, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        blobs,
        AtOnce(cancellationToken),
        async (blob, stop) =>
        {
            CandidateKey key = CandidateKey.Of(blob.Digest);
            if (!Takes(key))
            {
                return;
            }

            BlobStat? stat = blob.Stat ?? await Requests.StatAsync(blob.Digest, stop).ConfigureAwait(false);
            if (IsOld(stat?.ChangedAt))
            {
                Found(new Candidate { Key = key, Length = stat?.Length ?? 0 });
            }
            else
            {
                Interlocked.Increment(ref _young);
                Interlocked.Increment(ref _youngBlobs);
            }
        });

    // Finds the manifests that lack something; false when there are none that were not known yet. Lists say where to look,
    // requests decide.
    private async Task<bool> FindLackingAsync(CancellationToken cancellationToken)
    {
        int known = _lacking.Count;
        IEnumerable<string> suspects = _kept.Unseen > 0 ? _names.All : _unlinked.Keys;
        foreach (string repository in suspects)
        {
            _unlinked.TryGetValue(repository, out HashSet<ulong>? unlinked);
            await foreach (ListedReference listed in Requests
                .ReferencesAsync(repository, ReferenceKind.Manifest, null, cancellationToken).ConfigureAwait(false))
            {
                if (listed.Reference.Digest.Algorithm != DigestAlgorithm.Sha256)
                {
                    continue;
                }

                CandidateKey key = CandidateKey.Of(listed.Reference.Digest);
                RevisionContent content = await Reader.ReadAsync(repository, key, cancellationToken).ConfigureAwait(false);
                if (Array.Exists(content.References, part => unlinked?.Contains(part) == true || _kept.IsUnseen(part))
                    && await AskForPartsAsync(repository, key, cancellationToken).ConfigureAwait(false))
                {
                    _lacking[(repository, key)] = true;
                }
            }
        }

        return _lacking.Count > known;
    }

    // Whether a manifest that can be parsed lacks a part.
    private async ValueTask<bool> AskForPartsAsync(string repository, CandidateKey key, CancellationToken cancellationToken)
    {
        if (await ParseAsync(key.ToDigest(), cancellationToken).ConfigureAwait(false) is not { } manifest)
        {
            return false;
        }

        foreach (Descriptor part in manifest.References)
        {
            bool isThere = (manifest is ImageIndex
                    && await HasAsync(RegistryReference.ToManifest(repository, part.Digest), cancellationToken).ConfigureAwait(false))
                || await HasAsync(RegistryReference.ToBlob(repository, part.Digest), cancellationToken).ConfigureAwait(false);
            if (!isThere && (manifest is ImageIndex || !RegistryStore.IsElsewhere(part)))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> HasAsync(RegistryReference reference, CancellationToken cancellationToken) =>
        await Requests.ReadAsync(reference, cancellationToken).ConfigureAwait(false) is { } link
        && await Requests.StatAsync(link.Target ?? reference.Digest, cancellationToken).ConfigureAwait(false) is not null;

    private async ValueTask<Manifest?> ParseAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            await Requests.PaceAsync(cancellationToken).ConfigureAwait(false);
            return await _storage.Blobs.ReadAsync(digest, _limits.ManifestBytes, cancellationToken).ConfigureAwait(false) is { } bytes
                ? Manifest.Parse(bytes, null, _limits)
                : null;
        }
        catch (Exception fault) when (fault is StoreException or MalformedDataException or LimitExceededException)
        {
            return null;
        }
    }
}
