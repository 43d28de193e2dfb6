using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Storage;

/// <summary>
/// Mark and sweep, as <c>docker-registry garbage-collect</c> does it: marks every manifest of every repository and whatever it refers to,
/// then deletes the blobs without a mark, the links to them, and uploads that were given up. Nothing may be pushed meanwhile: a blob
/// whose manifest has not come yet looks like one that nobody needs. So it takes <see cref="StorageUse.Collect"/>, unless it deletes
/// nothing. What cannot be read is kept, with everything it could name.
/// </summary>
public sealed class RegistryCollector
{
    private const int StartedAtBytesMax = 64;
    private const int BufferBytes = 128 << 10;

    private readonly IRegistryStorage _storage;
    private readonly RegistryStoreOptions _options;
    private readonly RegistryStore _store;

    // Of the whole store: bytes that something needs.
    private readonly HashSet<Digest> _marked = [];
    private readonly List<(string Key, string Shown)> _manifests = [];
    private readonly List<(string Key, string Shown)> _links = [];
    private readonly List<(string Key, string Shown)> _uploads = [];
    private readonly List<string> _tagHistory = [];

    /// <param name="storage">The storage of the registry.</param>
    /// <param name="options">How its store works: its limits and its clock.</param>
    public RegistryCollector(IRegistryStorage storage, RegistryStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _options = options ?? new RegistryStoreOptions();
        _store = new RegistryStore(storage, _options);
    }

    /// <summary>Does it once; a collector is used once.</summary>
    /// <exception cref="NotFoundException">The storage is not there.</exception>
    /// <exception cref="StoreException">A manifest is gone or damaged: nobody knows then what it needs, so nothing is deleted.</exception>
    /// <exception cref="RootBusyException">A registry that takes pushes serves the store, or another collector is at work.</exception>
    public async Task<CollectionReport> RunAsync(CollectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CollectionOptions();
        await _storage.PrepareAsync(mayWrite: false, cancellationToken).ConfigureAwait(false);
        using IDisposable? alone = options.DryRun ? null : _storage.Lock(StorageUse.Collect);
        int count = 0;
        await foreach (string name in _store.HoldingRepositoriesAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            await MarkRepositoryAsync(name, options, cancellationToken).ConfigureAwait(false);
        }

        await FindUploadsAsync(options, cancellationToken).ConfigureAwait(false);
        (List<(Digest Digest, string Folder)> blobs, long bytes, int kept) = await FindBlobsAsync(cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            await SweepAsync(blobs, cancellationToken).ConfigureAwait(false);
        }

        return new CollectionReport
        {
            Repositories = count,
            KeptBlobs = kept,
            Blobs = [.. blobs.Select(blob => blob.Digest)],
            Bytes = bytes,
            Manifests = [.. _manifests.Select(item => item.Shown)],
            Links = [.. _links.Select(item => item.Shown)],
            Uploads = [.. _uploads.Select(item => item.Shown)],
        };
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

            // A signature is untagged, and lives as long as what it signs.
            foreach (Digest referrer in referrers[digest])
            {
                pending.Push(referrer);
            }
        }

        _marked.UnionWith(kept);
        await FindLinksAsync(name, needed, cancellationToken).ConfigureAwait(false);
        foreach (Digest digest in revisions.Keys.Where(digest => !kept.Contains(digest)).Order())
        {
            _manifests.Add((RegistryPaths.RevisionFolder(name, digest), $"{name}@{digest}"));
            foreach (string tag in await _storage.ListAsync(RegistryPaths.Tags(name), cancellationToken).ConfigureAwait(false))
            {
                _tagHistory.Add(RegistryPaths.IndexFolder(name, tag, digest));
            }
        }
    }

    private async Task<Dictionary<Digest, Revision>> RevisionsAsync(string name, CancellationToken cancellationToken)
    {
        var revisions = new Dictionary<Digest, Revision>();
        foreach (Digest digest in await DigestsAsync(RegistryPaths.Revisions(name), cancellationToken).ConfigureAwait(false))
        {
            (bool isThere, Digest? target) =
                await ReadLinkAsync(RegistryPaths.Revision(name, digest), cancellationToken).ConfigureAwait(false);
            if (isThere && digest.Algorithm == DigestAlgorithm.Sha256
                && await RevisionAsync(name, digest, target, cancellationToken).ConfigureAwait(false) is { } revision)
            {
                revisions[digest] = revision;
            }
        }

        return revisions;
    }

    // Null for a manifest that never came in whole: its link means nothing, and it has no bytes.
    private async Task<Revision?> RevisionAsync(string name, Digest digest, Digest? target, CancellationToken cancellationToken)
    {
        IStoredContent? content = await _storage.OpenAsync(RegistryPaths.Blob(digest), cancellationToken).ConfigureAwait(false);
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

    // What nobody can read may need all that it names, and may be about any of it.
    private static Revision Unread(IReadOnlyCollection<Digest> named) => new([.. named], [.. named]);

    private static StoreException Damaged(string name, Digest digest) => new(
        RegistryPaths.Blob(digest),
        $"{name}@{digest}: the manifest on disk is not the one its digest names; delete it, then collect again");

    private async Task<IEnumerable<Digest>> TaggedAsync(string name, CancellationToken cancellationToken)
    {
        var tagged = new HashSet<Digest>();
        foreach (string tag in await _storage.ListAsync(RegistryPaths.Tags(name), cancellationToken).ConfigureAwait(false))
        {
            (bool isThere, Digest? target) =
                await ReadLinkAsync(RegistryPaths.Current(name, tag), cancellationToken).ConfigureAwait(false);
            if (target is { } digest)
            {
                tagged.Add(digest);
            }
            else if (isThere)
            {
                // Nobody knows which of these it means.
                tagged.UnionWith(await DigestsAsync(RegistryPaths.History(name, tag), cancellationToken).ConfigureAwait(false));
            }
        }

        return tagged;
    }

    // A blob is needed under the digest that a manifest names; its bytes stand under the one that the link has.
    private async Task FindLinksAsync(string name, HashSet<Digest> needed, CancellationToken cancellationToken)
    {
        var targets = new List<(Digest Digest, Digest? Target)>();
        foreach (Digest digest in await DigestsAsync(RegistryPaths.Layers(name), cancellationToken).ConfigureAwait(false))
        {
            (_, Digest? target) = await ReadLinkAsync(RegistryPaths.Layer(name, digest), cancellationToken).ConfigureAwait(false);
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
                _links.Add((RegistryPaths.LayerFolder(name, digest), $"{name}@{digest}"));
            }
        }
    }

    private async Task FindUploadsAsync(CollectionOptions options, CancellationToken cancellationToken)
    {
        DateTimeOffset newest = _options.Clock.GetUtcNow() - options.UploadAge;
        await foreach (string name in _store.UploadingRepositoriesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (string id in await _storage.ListAsync(RegistryPaths.Uploads(name), cancellationToken).ConfigureAwait(false))
            {
                string folder = RegistryPaths.Upload(name, id);
                string key = $"{folder}/{RegistryPaths.StartedAt}";
                bool isShort = await _storage.FindAsync(key, cancellationToken).ConfigureAwait(false) <= StartedAtBytesMax;
                ReadOnlyMemory<byte>? text = isShort
                    ? await _storage.ReadAsync(key, StartedAtBytesMax, cancellationToken).ConfigureAwait(false)
                    : null;

                // Without a readable time it is left alone, as the reference registry leaves it.
                if (text is { } bytes && TryParseTime(bytes.Span, out DateTimeOffset started) && started < newest)
                {
                    _uploads.Add((folder, $"{name} {id}"));
                }
            }
        }
    }

    private static bool TryParseTime(ReadOnlySpan<byte> text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private async Task<(List<(Digest Digest, string Folder)> Blobs, long Bytes, int Kept)> FindBlobsAsync(
        CancellationToken cancellationToken)
    {
        var blobs = new List<(Digest, string)>();
        long bytes = 0;
        int kept = 0;
        const string Shards = $"{RegistryPaths.Blobs}/sha256";
        foreach (string shard in await _storage.ListAsync(Shards, cancellationToken).ConfigureAwait(false))
        {
            foreach (string hex in await _storage.ListAsync($"{Shards}/{shard}", cancellationToken).ConfigureAwait(false))
            {
                if (!Digest.TryParse($"sha256:{hex}", null, out Digest digest))
                {
                    continue;
                }

                if (_marked.Contains(digest))
                {
                    kept++;
                    continue;
                }

                bytes += await _storage.FindAsync(RegistryPaths.Blob(digest), cancellationToken).ConfigureAwait(false) ?? 0;
                blobs.Add((digest, RegistryPaths.BlobFolder(digest)));
            }
        }

        return (blobs, bytes, kept);
    }

    // Names go before what they name: whoever is cut off half way leaves bytes without a name, never the reverse.
    private async Task SweepAsync(List<(Digest Digest, string Folder)> blobs, CancellationToken cancellationToken)
    {
        IEnumerable<string> keys = [.. _tagHistory, .. _manifests.Select(item => item.Key), .. _links.Select(item => item.Key),
            .. blobs.Select(blob => blob.Folder), .. _uploads.Select(item => item.Key)];
        foreach (string key in keys)
        {
            await _storage.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<List<Digest>> DigestsAsync(string folder, CancellationToken cancellationToken)
    {
        var digests = new List<Digest>();
        foreach (string algorithm in await _storage.ListAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            foreach (string hex in await _storage.ListAsync($"{folder}/{algorithm}", cancellationToken).ConfigureAwait(false))
            {
                if (Digest.TryParse($"{algorithm}:{hex}", null, out Digest digest))
                {
                    digests.Add(digest);
                }
            }
        }

        return digests;
    }

    // Whether there is a link, and what it says; null when that is no digest.
    private async ValueTask<(bool IsThere, Digest? Target)> ReadLinkAsync(string key, CancellationToken cancellationToken)
    {
        if (await _storage.FindAsync(key, cancellationToken).ConfigureAwait(false) is not { } length)
        {
            return default;
        }

        ReadOnlyMemory<byte>? content = length <= RegistryStore.LinkBytesMax
            ? await _storage.ReadAsync(key, RegistryStore.LinkBytesMax, cancellationToken).ConfigureAwait(false)
            : null;
        return (true, content is { } text ? RegistryStore.ParseLink(text.Span) : null);
    }

    // What a manifest keeps alive, and what keeps it.
    private sealed record Revision(IReadOnlyList<Digest> References, IReadOnlyList<Digest> Subjects);
}
