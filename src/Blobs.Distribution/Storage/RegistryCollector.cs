using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// A mark-and-sweep garbage collector, like <c>docker-registry garbage-collect</c>. It marks the manifests of every
/// repository and everything they refer to. Then it deletes unmarked blobs, the links to them, and abandoned uploads.
/// Nothing may be pushed at the same time, because a blob whose manifest has not arrived yet looks unreferenced. So the
/// collector locks the storage for <see cref="StorageUse.Collect"/>, except in a dry run. A document that cannot be
/// parsed is kept, with everything that it could name.
/// </summary>
public sealed class RegistryCollector
{
    private const int BufferBytes = 128 << 10;
    private const int PageCount = 10_000;

    private readonly IRegistryStorage _storage;
    private readonly RegistryStoreOptions _options;

    // Digests in use, in the whole store.
    private readonly HashSet<Digest> _marked = [];
    private readonly List<RegistryReference> _tagHistory = [];
    private readonly List<RegistryReference> _manifests = [];
    private readonly List<RegistryReference> _links = [];
    private readonly List<ListedUpload> _uploads = [];

    /// <param name="storage">The storage of the registry.</param>
    /// <param name="options">The limits and the clock of its store.</param>
    public RegistryCollector(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _options = options ?? new RegistryStoreOptions();
    }

    /// <summary>Runs the collection. A collector can be used only once.</summary>
    /// <exception cref="NotFoundException">The storage does not exist.</exception>
    /// <exception cref="StoreException">A manifest is missing or damaged. Nothing is deleted, because the blobs it
    /// needs are unknown.</exception>
    /// <exception cref="RootBusyException">A registry that accepts pushes, or another collector, uses the
    /// storage.</exception>
    public async Task<CollectionReport> RunAsync(CollectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CollectionOptions();
        await _storage.PrepareAsync(mayWrite: false, cancellationToken).ConfigureAwait(false);
        using IDisposable? alone = options.DryRun ? null : _storage.Lock(StorageUse.Collect);
        SortedSet<string> repositories = await RepositoriesAsync(cancellationToken).ConfigureAwait(false);
        foreach (string name in repositories)
        {
            await MarkRepositoryAsync(name, options, cancellationToken).ConfigureAwait(false);
        }

        await FindUploadsAsync(options, cancellationToken).ConfigureAwait(false);
        (List<Digest> blobs, long bytes, int kept) = await FindBlobsAsync(cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            await SweepAsync(blobs, cancellationToken).ConfigureAwait(false);
        }

        return new CollectionReport
        {
            Repositories = repositories.Count,
            KeptBlobs = kept,
            Blobs = blobs,
            Bytes = bytes,
            Manifests = [.. _manifests.Select(Shown)],
            Links = [.. _links.Select(Shown)],
            Uploads = [.. _uploads.Select(upload => $"{upload.Repository} {upload.Id}")],
        };
    }

    private static string Shown(RegistryReference reference) => $"{reference.Repository}@{reference.Digest}";

    private async Task<SortedSet<string>> RepositoriesAsync(CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (ReferenceKind kind in (ReferenceKind[])[ReferenceKind.Manifest, ReferenceKind.Blob])
        {
            await foreach (string name in PagesAsync(
                (page, token) => _storage.References.ListRepositoriesAsync(kind, page, token), name => name, cancellationToken)
                .ConfigureAwait(false))
            {
                names.Add(name);
            }
        }

        return names;
    }

    private async Task MarkRepositoryAsync(string name, CollectionOptions options, CancellationToken cancellationToken)
    {
        Dictionary<Digest, Revision> revisions = await RevisionsAsync(name, cancellationToken).ConfigureAwait(false);
        var kept = new HashSet<Digest>();
        var pending = new Stack<Digest>(options.DeleteUntagged
            ? await TaggedAsync(name, cancellationToken).ConfigureAwait(false)
            : revisions.Keys);
        var needed = new HashSet<Digest>();
        ILookup<Digest, Digest> referrers = revisions
            .SelectMany(pair => pair.Value.Subjects, (pair, subject) => (Subject: subject, Referrer: pair.Key))
            .ToLookup(pair => pair.Subject, pair => pair.Referrer);
        while (pending.TryPop(out Digest digest))
        {
            if (!revisions.TryGetValue(digest, out Revision? revision) || !kept.Add(digest))
            {
                continue;
            }

            foreach (Digest reference in revision.References)
            {
                needed.Add(reference);
                _marked.Add(reference);
                pending.Push(reference);
            }

            // A signature is untagged. It is kept as long as the manifest that it signs.
            foreach (Digest referrer in referrers[digest])
            {
                pending.Push(referrer);
            }
        }

        _marked.UnionWith(kept);
        await FindLinksAsync(name, needed, cancellationToken).ConfigureAwait(false);
        HashSet<Digest> unneeded = [.. revisions.Keys.Where(digest => !kept.Contains(digest))];
        if (unneeded.Count == 0)
        {
            return;
        }

        _manifests.AddRange(unneeded.Order().Select(digest => RegistryReference.ToManifest(name, digest)));
        await foreach (RegistryReference history in ReferencesAsync(name, ReferenceKind.TagHistory, cancellationToken)
            .ConfigureAwait(false))
        {
            if (unneeded.Contains(history.Digest))
            {
                _tagHistory.Add(history);
            }
        }
    }

    private async Task<Dictionary<Digest, Revision>> RevisionsAsync(string name, CancellationToken cancellationToken)
    {
        var revisions = new Dictionary<Digest, Revision>();
        await foreach (RegistryReference reference in ReferencesAsync(name, ReferenceKind.Manifest, cancellationToken)
            .ConfigureAwait(false))
        {
            Digest digest = reference.Digest;
            if (await _storage.References.ReadAsync(reference, cancellationToken).ConfigureAwait(false) is { } link
                && digest.Algorithm == DigestAlgorithm.Sha256
                && await RevisionAsync(name, digest, link.Target, cancellationToken).ConfigureAwait(false) is { } revision)
            {
                revisions[digest] = revision;
            }
        }

        return revisions;
    }

    // Null for a manifest whose push was interrupted: its link has no target, and it has no content.
    private async Task<Revision?> RevisionAsync(string name, Digest digest, Digest? target, CancellationToken cancellationToken)
    {
        IStoredContent? content = await _storage.Blobs.OpenAsync(digest, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            return target is null
                ? null
                : throw new StoreException(
                    name, $"{name}@{digest}: the repository has this manifest, but its bytes are gone; delete it, then collect again");
        }

        await using (content.ConfigureAwait(false))
        {
            Revision revision = content.Length <= _options.Limits.ManifestBytes
                ? await ReadAsync(name, digest, content, cancellationToken).ConfigureAwait(false)
                : await ScanAsync(name, digest, content, cancellationToken).ConfigureAwait(false);
            return target is { } other && other != digest ? revision with { References = [.. revision.References, other] } : revision;
        }
    }

    private async Task<Revision> ReadAsync(string name, Digest digest, IStoredContent content, CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Length];
        for (int position = 0; position < bytes.Length;)
        {
            int read = await content.ReadAsync(bytes.AsMemory(position), position, cancellationToken).ConfigureAwait(false);
            position += read > 0 ? read : throw Damaged(name, digest);
        }

        if (Digest.OfSha256(bytes) != digest)
        {
            throw Damaged(name, digest);
        }

        try
        {
            Manifest manifest = Manifest.Parse(bytes, null, _options.Limits);
            return new Revision(
                [.. manifest.References.Select(reference => reference.Digest)], manifest.Subject is { } subject ? [subject.Digest] : []);
        }
        catch (BlobsException)
        {
            return Unread(NamedDigests.In(bytes));
        }
    }

    private static async Task<Revision> ScanAsync(
        string name, Digest digest, IStoredContent content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var named = new NamedDigests();
        var buffer = new byte[BufferBytes];
        for (long position = 0; position < content.Length;)
        {
            int read = await content.ReadAsync(buffer, position, cancellationToken).ConfigureAwait(false);
            position += read > 0 ? read : throw Damaged(name, digest);
            hash.AppendData(buffer, 0, read);
            named.Read(buffer.AsSpan(0, read));
        }

        return Digest.FromHash(DigestAlgorithm.Sha256, hash.GetCurrentHash()) == digest ? Unread(named.Found) : throw Damaged(name, digest);
    }

    // A document that cannot be parsed may refer to every digest in it, and may have any of them as its subject.
    private static Revision Unread(IReadOnlyCollection<Digest> named) => new([.. named], [.. named]);

    private static StoreException Damaged(string name, Digest digest) => new(
        $"{digest}",
        $"{name}@{digest}: the stored manifest is not the one its digest names; delete it, then collect again");

    private async Task<IEnumerable<Digest>> TaggedAsync(string name, CancellationToken cancellationToken)
    {
        var tagged = new HashSet<Digest>();
        var unread = new HashSet<string>(StringComparer.Ordinal);
        await foreach (RegistryReference tag in ReferencesAsync(name, ReferenceKind.Tag, cancellationToken).ConfigureAwait(false))
        {
            StoredReference? current = await _storage.References.ReadAsync(tag, cancellationToken).ConfigureAwait(false);
            if (current?.Target is { } digest)
            {
                tagged.Add(digest);
            }
            else if (current is not null)
            {
                unread.Add(tag.Tag);
            }
        }

        if (unread.Count > 0)
        {
            // The tag may point to any manifest of its history.
            await foreach (RegistryReference history in ReferencesAsync(name, ReferenceKind.TagHistory, cancellationToken)
                .ConfigureAwait(false))
            {
                _ = unread.Contains(history.Tag) && tagged.Add(history.Digest);
            }
        }

        return tagged;
    }

    // Manifests may name a blob by an alias; its content is stored under the digest that the link contains.
    private async Task FindLinksAsync(string name, HashSet<Digest> needed, CancellationToken cancellationToken)
    {
        var targets = new List<(Digest Digest, Digest? Target)>();
        await foreach (RegistryReference reference in ReferencesAsync(name, ReferenceKind.Blob, cancellationToken).ConfigureAwait(false))
        {
            Digest digest = reference.Digest;
            Digest? target = (await _storage.References.ReadAsync(reference, cancellationToken).ConfigureAwait(false))?.Target;
            targets.Add((digest, target));
            if (target is { } found && needed.Contains(digest))
            {
                _marked.Add(found);
                needed.Add(found);
            }
        }

        foreach ((Digest digest, Digest? target) in targets)
        {
            if (target is not null && !needed.Contains(digest) && !needed.Contains(target.Value))
            {
                _links.Add(RegistryReference.ToBlob(name, digest));
            }
        }
    }

    private async Task FindUploadsAsync(CollectionOptions options, CancellationToken cancellationToken)
    {
        DateTimeOffset newest = _options.Clock.GetUtcNow() - options.UploadAge;
        await foreach (ListedUpload upload in PagesAsync(_storage.Uploads.ListAsync, upload => upload.Name, cancellationToken)
            .ConfigureAwait(false))
        {
            if (upload.StartedAt < newest)
            {
                _uploads.Add(upload);
            }
        }
    }

    private async Task<(List<Digest> Blobs, long Bytes, int Kept)> FindBlobsAsync(CancellationToken cancellationToken)
    {
        var blobs = new List<Digest>();
        long bytes = 0;
        int kept = 0;
        await foreach (ListedBlob blob in PagesAsync(_storage.Blobs.ListAsync, blob => $"{blob.Digest}", cancellationToken)
            .ConfigureAwait(false))
        {
            if (_marked.Contains(blob.Digest))
            {
                kept++;
                continue;
            }

            BlobStat? stat = blob.Stat ?? await _storage.Blobs.StatAsync(blob.Digest, cancellationToken).ConfigureAwait(false);
            bytes += stat?.Length ?? 0;
            blobs.Add(blob.Digest);
        }

        return (blobs, bytes, kept);
    }

    // Links are deleted before their targets, so that an interrupted run leaves blobs without links, never links
    // without blobs.
    private async Task SweepAsync(List<Digest> blobs, CancellationToken cancellationToken)
    {
        foreach (RegistryReference reference in _tagHistory.Concat(_manifests).Concat(_links))
        {
            await _storage.References.DeleteAsync(reference, cancellationToken).ConfigureAwait(false);
        }

        foreach (Digest blob in blobs)
        {
            await _storage.Blobs.DeleteAsync(blob, cancellationToken).ConfigureAwait(false);
        }

        foreach (ListedUpload upload in _uploads)
        {
            await _storage.Uploads.DeleteAsync(upload.Repository, upload.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private IAsyncEnumerable<RegistryReference> ReferencesAsync(string name, ReferenceKind kind, CancellationToken cancellationToken) =>
        PagesAsync((page, token) => _storage.References.ListAsync(name, kind, page, token), item => item.Reference.Name, cancellationToken)
            .Select(item => item.Reference);

    // Lists all items, page by page.
    private static async IAsyncEnumerable<T> PagesAsync<T>(
        Func<RegistryPage, CancellationToken, ValueTask<RegistryListing<T>>> list,
        Func<T, string> nameOf,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        bool hasMore = true;
        while (hasMore)
        {
            RegistryListing<T> listing = await list(new RegistryPage(PageCount, after), cancellationToken).ConfigureAwait(false);
            foreach (T item in listing.Items)
            {
                yield return item;
            }

            hasMore = listing.HasMore;
            after = listing.Items.Count > 0 ? nameOf(listing.Items[^1]) : after;
        }
    }

    // The digests that a manifest keeps, and those that keep the manifest.
    private sealed record Revision(IReadOnlyList<Digest> References, IReadOnlyList<Digest> Subjects);
}
