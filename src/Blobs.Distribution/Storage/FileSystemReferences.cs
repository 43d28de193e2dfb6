using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Storage;

/// <summary>
/// References as docker-registry's links: files that contain a digest. An unchanged link is read once; later lookups
/// only check it, with one system call.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FileSystemReferences : IRegistryReferences
{
    // A link is "sha256:" and 64 digits. A longer file is not a link.
    public const int LinkBytesMax = 512;

    private readonly string _folder;
    private readonly RepositoryDirectories _repositories;
    private readonly bool _isDurable;
    private readonly KnownFiles<StoredReference> _links;
    private readonly KnownFiles<IReadOnlyList<ListedReference>> _lists;
    private readonly TimeProvider _clock;

    // A list that is too long to keep, for whoever reads it page by page; while there is memory for it.
    private readonly WeakReference<LongList> _lastLong = new(null!);

    public FileSystemReferences(string folder, RepositoryDirectories repositories, FileSystemStorageOptions options)
    {
        _folder = folder;
        _repositories = repositories;
        _isDurable = options.Durability != Durability.None;
        _clock = options.Clock;
        _links = new KnownFiles<StoredReference>(options.Clock);
        _lists = new KnownFiles<IReadOnlyList<ListedReference>>(options.Clock);
    }

    public ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(PathOf(RegistryPaths.Of(reference))));

    public ValueTask<DateTimeOffset?> AgeAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<DateTimeOffset?>(
            FileStamp.TryGet(PathOf(RegistryPaths.Of(reference)), out FileStamp stamp, out bool isDirectory) && !isDirectory
                ? stamp.ChangedAt
                : null);

    public ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(AtomicFile.TryCreateDeep(
            PathOf(RegistryPaths.Of(reference)), ContentOf(target), TemporaryNames.Registry, _isDurable));
    }

    public async ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default)
    {
        string folder = PathOf(RegistryPaths.Repository(reference.Repository));
        using IDisposable? turn = await RepositoryTurn.EnterAsync(folder, isExclusive: true, cancellationToken).ConfigureAwait(false);
        string path = PathOf(RegistryPaths.Of(reference));
        if (Read(path)?.Version != version)
        {
            return false;
        }

        AtomicFile.ReplaceDeep(path, ContentOf(target), TemporaryNames.Registry, _isDurable);
        return true;
    }

    public async ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        string folder = PathOf(RegistryPaths.Repository(reference.Repository));
        DurableDirectory.Ensure(folder, _isDurable);
        using IDisposable? turn = await RepositoryTurn.EnterAsync(folder, isExclusive: false, cancellationToken).ConfigureAwait(false);
        AtomicFile.ReplaceDeep(PathOf(RegistryPaths.Of(reference)), ContentOf(target), TemporaryNames.Registry, _isDurable);
    }

    public async ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        string folder = PathOf(RegistryPaths.Repository(reference.Repository));
        using IDisposable? turn = await RepositoryTurn.EnterAsync(folder, isExclusive: false, cancellationToken).ConfigureAwait(false);
        bool isThere = FilePath.IsFile(PathOf(RegistryPaths.Of(reference)));
        return SharedDirectory.Remove(PathOf(RegistryPaths.FolderOf(reference)), _isDurable) && isThere;
    }

    /// <summary>Deletes a reference that a garbage collector has condemned. Only the folder of a tag contains more than
    /// its link.</summary>
    public bool DeleteGarbage(RegistryReference reference) => reference.Kind == ReferenceKind.Tag
        ? SharedDirectory.Remove(PathOf(RegistryPaths.FolderOf(reference)), isDurable: false)
        : SharedDirectory.RemoveWithFolder(PathOf(RegistryPaths.Of(reference)));

    public ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        if (kind == ReferenceKind.Tag)
        {
            return ValueTask.FromResult(ListTags(repository, page));
        }

        IReadOnlyList<ListedReference> all = kind switch
        {
            ReferenceKind.TagHistory => HistoryOf(repository),
            ReferenceKind.Referrer => ReferrersOf(repository, page.After),
            ReferenceKind.Manifest => DigestsIn(
                RegistryPaths.Revisions(repository), digest => RegistryReference.ToManifest(repository, digest)),
            _ => DigestsIn(RegistryPaths.Layers(repository), digest => RegistryReference.ToBlob(repository, digest)),
        };
        return ValueTask.FromResult(page.Of(all, static item => item.Reference.Name));
    }

    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default)
    {
        string wanted = kind == ReferenceKind.Blob ? RegistryPaths.LayersFolder : RegistryPaths.ManifestsFolder;
        return ValueTask.FromResult(page.Of(_repositories.RepositoriesWith(wanted, cancellationToken), static name => name));
    }

    public ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_repositories.Names(RegistryPaths.Manifests(repository)).Count > 0);

    private static byte[] ContentOf(Digest target) => Encoding.ASCII.GetBytes($"{target}");

    private static Digest? Parse(ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[LinkBytesMax];
        int length = Encoding.Latin1.GetChars(text, characters);
        return Digest.TryParse(characters[..length], null, out Digest digest) ? digest : null;
    }

    private string PathOf(string key) => string.Concat(_folder, "/", key);

    private StoredReference? Read(string path)
    {
        if (!FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) || isDirectory)
        {
            return null;
        }

        if (_links.TryGet(path, stamp, out StoredReference? known))
        {
            return known;
        }

        if (!TryReadTarget(path, out Digest? target))
        {
            return null;
        }

        // File timestamps are coarse: the digest makes the version differ when they do not.
        string version = $"{stamp.Inode:x}-{stamp.ChangedSeconds:x}-{stamp.ChangedNanoseconds:x}-{stamp.Length:x}-{target}";
        var reference = new StoredReference(target, version, stamp.ChangedAt);
        _links.Remember(path, stamp, reference);
        return reference;
    }

    // Returns false when the file does not exist.
    private static bool TryReadTarget(string path, out Digest? target)
    {
        target = null;
        try
        {
            if (SmallFile.TryRead(path, LinkBytesMax) is not { } content)
            {
                return false;
            }

            target = Parse(content);
            return true;
        }
        catch (StoreException)
        {
            // The file is longer than any link.
            return true;
        }
    }

    // An interrupted push can leave the folder of a tag without a link.
    private RegistryListing<ListedReference> ListTags(string repository, RegistryPage page)
    {
        IReadOnlyList<string> folders = _repositories.Names(RegistryPaths.Tags(repository));
        int countMax = page.Count ?? int.MaxValue;
        var tags = new List<ListedReference>();
        for (int i = page.StartOf(folders, static name => name); i < folders.Count; i++)
        {
            if (!TagName.IsValid(folders[i]))
            {
                continue;
            }

            var tag = RegistryReference.OfTag(repository, folders[i]);
            if (!FileStamp.TryGet(PathOf(RegistryPaths.Of(tag)), out FileStamp stamp, out bool isDirectory) || isDirectory)
            {
                continue;
            }

            if (tags.Count == countMax)
            {
                return new RegistryListing<ListedReference>(tags, HasMore: true);
            }

            tags.Add(new ListedReference(tag, stamp.ChangedAt));
        }

        return new RegistryListing<ListedReference>(tags, HasMore: false);
    }

    private List<ListedReference> HistoryOf(string repository)
    {
        var history = new List<ListedReference>();
        foreach (string tag in _repositories.Names(RegistryPaths.Tags(repository)))
        {
            history.AddRange(DigestsIn(
                RegistryPaths.History(repository, tag), digest => RegistryReference.OfTagHistory(repository, tag, digest)));
        }

        return history;
    }

    // Skips the subjects before the one in the name after which the page starts.
    private List<ListedReference> ReferrersOf(string repository, string? after)
    {
        string first = after?.Split('/')[0] ?? "";
        var referrers = new List<ListedReference>();
        foreach (string algorithm in DigestText.Algorithms)
        {
            foreach (string hex in _repositories.Names($"{RegistryPaths.Referrers(repository)}/{algorithm}"))
            {
                if (Digest.TryParse($"{algorithm}:{hex}", null, out Digest subject) && string.CompareOrdinal($"{subject}", first) >= 0)
                {
                    referrers.AddRange(DigestsIn(
                        RegistryPaths.Referrers(repository, subject),
                        digest => RegistryReference.ToReferrer(repository, subject, digest)));
                }
            }
        }

        return referrers;
    }

    private IReadOnlyList<ListedReference> DigestsIn(string key, Func<Digest, RegistryReference> referenceTo)
    {
        IReadOnlyList<ListedReference> found = [];
        foreach (string algorithm in DigestText.Algorithms)
        {
            IReadOnlyList<ListedReference> more = DigestsIn(key, algorithm, referenceTo);
            found = found.Count == 0 ? more : more.Count == 0 ? found : [.. found, .. more];
        }

        return found;
    }

    private IReadOnlyList<ListedReference> DigestsIn(string key, string algorithm, Func<Digest, RegistryReference> referenceTo)
    {
        string path = PathOf($"{key}/{algorithm}");
        if (!FileStamp.TryGet(path, out FileStamp stamp, out bool isDirectory) || !isDirectory)
        {
            return [];
        }

        if (_lists.TryGet(path, stamp, out IReadOnlyList<ListedReference>? known))
        {
            return known;
        }

        if (_lastLong.TryGetTarget(out LongList? last) && last.Find(path, stamp) is { } found)
        {
            return found;
        }

        var listed = new List<ListedReference>();
        foreach (string hex in SharedDirectory.Names(path))
        {
            if (Digest.TryParse($"{algorithm}:{hex}", null, out Digest digest))
            {
                listed.Add(new ListedReference(referenceTo(digest)));
            }
        }

        if (listed.Count <= KnownFiles.NamesMax)
        {
            _lists.Remember(path, stamp, listed, listed.Count);
        }
        else if (stamp.IsSettled(_clock))
        {
            _lastLong.SetTarget(new LongList(path, stamp, listed));
        }

        return listed;
    }

    private sealed record LongList(string Path, FileStamp Stamp, IReadOnlyList<ListedReference> Items)
    {
        public IReadOnlyList<ListedReference>? Find(string path, FileStamp now) => Path == path && Stamp == now ? Items : null;
    }
}
