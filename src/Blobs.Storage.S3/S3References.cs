using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Storage.S3;

/// <summary>References as docker-registry's links: small objects that contain a digest.</summary>
internal sealed class S3References(S3Client client, S3Keys keys) : IRegistryReferences
{
    // A link is "sha256:" and 64 digits. A longer object is not a link.
    private const int LinkBytesMax = 512;

    // Allows for many hosts that write one tag.
    private const int WriteAttempts = 64;

    private readonly SharedReads<S3Object?> _links = new((key, token) => client.ReadShortAsync(key, LinkBytesMax, token));
    private readonly S3Tags _tags = new(client, keys);
    private readonly S3Repositories _repositories = new(client, keys);

    public async ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        S3Object? found = await _links.ReadAsync(keys.Of(reference), cancellationToken).ConfigureAwait(false);
        return found is null
            ? null
            : new StoredReference(TargetOf(found), VersionOf(found), found.ChangedAt) { IsForeign = found.Nonce is null };
    }

    public async ValueTask<DateTimeOffset?> AgeAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
        (await client.StatAsync(keys.Of(reference), cancellationToken).ConfigureAwait(false))?.ChangedAt;

    public async ValueTask<bool> TryCreateAsync(
        RegistryReference reference, Digest target, CancellationToken cancellationToken = default) =>
        await client.TryCreateAsync(keys.Of(reference), ContentOf(target), cancellationToken).ConfigureAwait(false) is not null;

    // Equal links have equal ETags, so the rest of the version is compared first. A link that is written again with the
    // same digest between the two requests is replaced: nobody can tell that from the other order.
    public async ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default)
    {
        string key = keys.Of(reference);
        S3Object? found = await client.ReadShortAsync(key, LinkBytesMax, cancellationToken).ConfigureAwait(false);
        return found is not null && VersionOf(found) == version
            && await client.TryReplaceAsync(key, ContentOf(target), found.ETag, cancellationToken).ConfigureAwait(false) is not null;
    }

    // Ceph may acknowledge a plain write that a conditional one at the same time replaces, although that should have
    // failed. So every write of a reference is conditional.
    public async ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default)
    {
        string key = keys.Of(reference);
        byte[] content = ContentOf(target);
        S3Object? before = null;
        bool isKnown = false;
        for (int attempt = 0; attempt < WriteAttempts; attempt++)
        {
            // Tags are moved; other references are mostly new.
            bool isNew = attempt == 0 && reference.Kind != ReferenceKind.Tag;
            S3Object? found = isNew ? null : await client.ReadShortAsync(key, LinkBytesMax, cancellationToken).ConfigureAwait(false);
            if (isKnown && found?.Nonce is { } nonce && nonce != before?.Nonce && found.Content.AsSpan().SequenceEqual(content))
            {
                // Another host has written the same meanwhile: as if this write had come just before.
                return;
            }

            (before, isKnown) = (found, !isNew);
            string? written = found is null
                ? await client.TryCreateAsync(key, content, cancellationToken).ConfigureAwait(false)
                : await client.TryReplaceAsync(key, content, found.ETag, cancellationToken).ConfigureAwait(false);
            if (written is not null)
            {
                return;
            }
        }

        throw new StorageUnavailableException($"{client.Place}: {key} is written all the time");
    }

    public async ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default)
    {
        string key = keys.Of(reference);
        bool isThere = await client.StatAsync(key, cancellationToken).ConfigureAwait(false) is not null;
        if (isThere)
        {
            await client.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }

        // The tag first: it must not outlive its history.
        if (reference.Kind == ReferenceKind.Tag)
        {
            string history = $"{keys.FolderOf(reference)}index/";
            await foreach (S3Entry entry in client.ListAsync(history, null, int.MaxValue, cancellationToken).ConfigureAwait(false))
            {
                await client.DeleteAsync(entry.Key, cancellationToken).ConfigureAwait(false);
            }
        }

        return isThere;
    }

    public ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) => kind switch
        {
            ReferenceKind.Tag => _tags.ListAsync(repository, page, cancellationToken),
            ReferenceKind.TagHistory => ListHistoryAsync(repository, page, cancellationToken),
            ReferenceKind.Referrer => ListReferrersAsync(repository, page, cancellationToken),
            ReferenceKind.Manifest => ListDigestsAsync(
                keys.Revisions(repository), page, digest => RegistryReference.ToManifest(repository, digest), cancellationToken),
            _ => ListDigestsAsync(
                keys.Layers(repository), page, digest => RegistryReference.ToBlob(repository, digest), cancellationToken),
        };

    public ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default) =>
        _repositories.ListAsync(
            kind == ReferenceKind.Blob ? RegistryPaths.LayersFolder : RegistryPaths.ManifestsFolder, page, cancellationToken);

    public async ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default) =>
        await client.HasAnyAsync(keys.Manifests(repository), cancellationToken).ConfigureAwait(false);

    public bool FindsReferrers => true;

    public async ValueTask<bool> HasAllReferrersAsync(string repository, CancellationToken cancellationToken = default) =>
        await client.StatAsync(keys.AllReferrers(repository), cancellationToken).ConfigureAwait(false) is not null;

    public async ValueTask ConfirmAllReferrersAsync(string repository, CancellationToken cancellationToken = default) =>
        await client.WriteAsync(keys.AllReferrers(repository), ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);

    private static byte[] ContentOf(Digest target) => Encoding.ASCII.GetBytes($"{target}");

    private static Digest? TargetOf(S3Object link) =>
        Digest.TryParse(Encoding.Latin1.GetString(link.Content), null, out Digest digest) ? digest : null;

    private static string VersionOf(S3Object link) => $"{link.ETag}-{link.ChangedAt.ToUnixTimeSeconds():x}-{link.Nonce}";

    private static string KeyOf(string folder, Digest digest) =>
        $"{folder}{DigestText.NameOf(digest.Algorithm)}/{digest.Hex}/{RegistryPaths.Link}";

    // Keys have the order of digests.
    private async ValueTask<RegistryListing<ListedReference>> ListDigestsAsync(
        string folder, RegistryPage page, Func<Digest, RegistryReference> referenceTo, CancellationToken cancellationToken)
    {
        string? after = page.After is { } text && Digest.TryParse(text, null, out Digest digest) ? KeyOf(folder, digest) : null;
        return await ListLinksAsync(folder, after, page.Count, Named, cancellationToken).ConfigureAwait(false);

        RegistryReference? Named(string[] parts) => parts is [var algorithm, var hex, RegistryPaths.Link]
            && Digest.TryParse($"{algorithm}:{hex}", null, out Digest named) ? referenceTo(named) : null;
    }

    // The name of an entry is TAG/DIGEST, so that these keys too have the order of the names.
    private async ValueTask<RegistryListing<ListedReference>> ListHistoryAsync(
        string repository, RegistryPage page, CancellationToken cancellationToken)
    {
        string folder = keys.Tags(repository);
        string? after = page.After?.Split('/') is [var afterTag, var text] && Digest.TryParse(text, null, out Digest digest)
            ? keys.Of(RegistryReference.OfTagHistory(repository, afterTag, digest))
            : null;
        return await ListLinksAsync(folder, after, page.Count, Named, cancellationToken).ConfigureAwait(false);

        RegistryReference? Named(string[] parts) => parts is [var tag, "index", var algorithm, var hex, RegistryPaths.Link]
            && Digest.TryParse($"{algorithm}:{hex}", null, out Digest named)
            ? RegistryReference.OfTagHistory(repository, tag, named) : null;
    }

    // A page may begin after SUBJECT/ as well as after SUBJECT/DIGEST.
    private async ValueTask<RegistryListing<ListedReference>> ListReferrersAsync(
        string repository, RegistryPage page, CancellationToken cancellationToken)
    {
        string folder = keys.Referrers(repository);
        string? after = page.After is { } name ? $"{folder}{name.Replace(':', '/')}/~" : null;
        return await ListLinksAsync(folder, after, page.Count, Named, cancellationToken).ConfigureAwait(false);

        RegistryReference? Named(string[] parts) => parts is [var kind, var digits, var algorithm, var hex, RegistryPaths.Link]
            && Digest.TryParse($"{kind}:{digits}", null, out Digest subject)
            && Digest.TryParse($"{algorithm}:{hex}", null, out Digest named)
            ? RegistryReference.ToReferrer(repository, subject, named) : null;
    }

    private async ValueTask<RegistryListing<ListedReference>> ListLinksAsync(
        string folder, string? after, int? count, Func<string[], RegistryReference?> read, CancellationToken cancellationToken)
    {
        int countMax = count ?? int.MaxValue;
        int hint = (int)Math.Min(countMax + 1L, int.MaxValue);
        var found = new List<ListedReference>();
        await foreach (S3Entry entry in client.ListAsync(folder, after, hint, cancellationToken).ConfigureAwait(false))
        {
            if (read(entry.Key[folder.Length..].Split('/')) is not { } reference)
            {
                continue;
            }

            if (found.Count == countMax)
            {
                return new RegistryListing<ListedReference>(found, HasMore: true);
            }

            found.Add(new ListedReference(reference, entry.ChangedAt));
        }

        return new RegistryListing<ListedReference>(found, HasMore: false);
    }
}
