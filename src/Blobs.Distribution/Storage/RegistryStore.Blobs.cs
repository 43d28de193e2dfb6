using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <content>Blobs of a repository: layers and configs.</content>
public sealed partial class RegistryStore
{
    /// <summary>Returns the length of a blob; null when the repository does not have it. Garbage collection then leaves
    /// the blob alone for a while, because the client may be about to push a manifest that needs it.</summary>
    public async ValueTask<long?> FindBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await KeepLinkedAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found ? await CheckDataAsync(found, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Opens a blob for reading; null when the repository does not have it.</summary>
    public async ValueTask<IStoredContent?> OpenBlobAsync(
        string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await LinkedBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found ? await _blobs.OpenAsync(found, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Returns an address from which a client can read the blob itself, for a limited time; null when the
    /// repository does not have the blob, or the storage has no such addresses.</summary>
    public async ValueTask<Uri?> AddressOfBlobAsync(
        string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await ResolveBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found ? await _blobs.AddressOfAsync(found, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Removes a blob from the repository; its content stays until garbage is collected. False when the
    /// repository does not have it.</summary>
    public async ValueTask<bool> DeleteBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await ResolveBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        if (canonical is not { } found)
        {
            return false;
        }

        if (found != digest)
        {
            await _links.DeleteAsync(RegistryReference.ToBlob(repository, digest), cancellationToken).ConfigureAwait(false);
        }

        return await _links.DeleteAsync(RegistryReference.ToBlob(repository, found), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Links an existing blob to a repository, without another upload. False when the blob does not exist, or must not
    /// be mounted.
    /// </summary>
    /// <param name="repository">The repository that receives the blob.</param>
    /// <param name="digest">The digest of the blob.</param>
    /// <param name="from">The repository that has it; null for any repository, if
    /// <see cref="RegistryStoreOptions.MountFromAnywhere"/> allows that.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<bool> MountBlobAsync(
        string repository, Digest digest, string? from, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        Digest? canonical = from is not null
            ? await KeepLinkedAsync(from, digest, cancellationToken).ConfigureAwait(false)
            : await ResolveAnywhereAsync(digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found && await LinkBlobAsync(
            repository,
            digest,
            found,
            async stop => await CheckDataAsync(found, stop).ConfigureAwait(false) is not null,
            mayWait: false,
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Digest?> ResolveAnywhereAsync(Digest digest, CancellationToken cancellationToken)
    {
        // Digests of other algorithms can be resolved only through the references of a repository.
        bool isPossible = _options.MountFromAnywhere && digest.Algorithm == DigestAlgorithm.Sha256;
        return isPossible && await CheckDataAsync(digest, cancellationToken).ConfigureAwait(false) is not null ? digest : null;
    }

    // Returns the digest under which the content is stored; null unless the repository has a reference to it and the
    // content exists.
    private async ValueTask<Digest?> ResolveBlobAsync(string repository, Digest digest, CancellationToken cancellationToken) =>
        await LinkedBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false) is { } canonical
        && await CheckDataAsync(canonical, cancellationToken).ConfigureAwait(false) is not null
            ? canonical
            : null;

    // Does the same, but does not check that the content exists.
    private async ValueTask<Digest?> LinkedBlobAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        Digest? alias = await CanonicalAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return alias is { } canonical && await ReadLinkAsync(repository, canonical, cancellationToken).ConfigureAwait(false) is not null
            ? canonical
            : null;
    }

    // The digest under which the content is stored, if the repository has one for an alias.
    private async ValueTask<Digest?> CanonicalAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        CheckName(repository);
        Digest? target = digest.Algorithm == DigestAlgorithm.Sha256
            ? digest
            : await TargetOfAsync(RegistryReference.ToBlob(repository, digest), cancellationToken).ConfigureAwait(false);
        return target?.Algorithm == DigestAlgorithm.Sha256 ? target : null;
    }

    // Returns the digest under which a linked blob is stored, after making sure that garbage collection does not delete
    // it for a while. A link that is young is safe already.
    private async ValueTask<Digest?> KeepLinkedAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        if (await CanonicalAsync(repository, digest, cancellationToken).ConfigureAwait(false) is not { } canonical)
        {
            return null;
        }

        while (true)
        {
            StoredReference? link = await ReadLinkAsync(repository, canonical, cancellationToken).ConfigureAwait(false);
            bool isSafe = link is null || _options.ReadOnly || _storage.Records is null
                || await IsYoungAsync(link, cancellationToken).ConfigureAwait(false);
            if (isSafe)
            {
                return link is null ? null : canonical;
            }

            if (await TouchLinkAsync(repository, digest, canonical, link!, cancellationToken).ConfigureAwait(false))
            {
                CollectionState state = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                return (await _guard.ClaimKeepAsync(state, repository, [canonical], cancellationToken).ConfigureAwait(false)).IsKept
                    ? canonical
                    : null;
            }
        }
    }

    private async ValueTask<bool> IsYoungAsync(StoredReference link, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _storage.TimeAsync(cancellationToken).ConfigureAwait(false);
        return now - link.ChangedAt < _guard.MinimumAge / 2;
    }

    private async ValueTask<StoredReference?> ReadLinkAsync(string repository, Digest canonical, CancellationToken cancellationToken)
    {
        StoredReference? link = await _links
            .ReadAsync(RegistryReference.ToBlob(repository, canonical), cancellationToken).ConfigureAwait(false);
        return link?.Target == canonical ? link : null;
    }

    // False when the link was written or deleted in the meantime.
    private async ValueTask<bool> TouchLinkAsync(
        string repository, Digest digest, Digest canonical, StoredReference link, CancellationToken cancellationToken)
    {
        if (digest != canonical)
        {
            await _links.WriteAsync(RegistryReference.ToBlob(repository, digest), canonical, cancellationToken).ConfigureAwait(false);
        }

        return await _links.TryReplaceAsync(
            RegistryReference.ToBlob(repository, canonical), canonical, link.Version, cancellationToken).ConfigureAwait(false);
    }

    // The length of the content; null when it does not exist.
    private async ValueTask<long?> CheckDataAsync(Digest canonical, CancellationToken cancellationToken) =>
        (await _blobs.StatAsync(canonical, cancellationToken).ConfigureAwait(false))?.Length;

    private async ValueTask<bool> CheckLinkAsync(string repository, Digest canonical, CancellationToken cancellationToken) =>
        await ReadLinkAsync(repository, canonical, cancellationToken).ConfigureAwait(false) is not null;

    private async ValueTask WriteLinkAsync(string repository, Digest digest, Digest canonical, CancellationToken cancellationToken)
    {
        await _links.WriteAsync(RegistryReference.ToBlob(repository, canonical), canonical, cancellationToken).ConfigureAwait(false);
        if (digest != canonical)
        {
            await _links.WriteAsync(RegistryReference.ToBlob(repository, digest), canonical, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Gives a repository a blob. When it returns true, garbage collection leaves the blob alone as long as its link is
    /// young.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="digest">The digest by which it is known.</param>
    /// <param name="canonical">The digest under which it is stored.</param>
    /// <param name="writeDataAsync">Makes the content visible; false when it cannot.</param>
    /// <param name="mayWait">Whether to wait for a collector that deletes the same blob.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async ValueTask<bool> LinkBlobAsync(
        string repository,
        Digest digest,
        Digest canonical,
        Func<CancellationToken, ValueTask<bool>> writeDataAsync,
        bool mayWait,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            CollectionState state = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
            bool isKept = (await _guard.ClaimKeepAsync(state, repository, [canonical], cancellationToken).ConfigureAwait(false)).IsKept;
            if (isKept)
            {
                if (!await writeDataAsync(cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }

                await WriteLinkAsync(repository, digest, canonical, cancellationToken).ConfigureAwait(false);
            }

            while (isKept)
            {
                CollectionState again = await _guard.ReadCurrentAsync(cancellationToken).ConfigureAwait(false);
                if (again.Generation == state.Generation)
                {
                    return true;
                }

                state = again;
                isKept = (await _guard.ClaimKeepAsync(state, repository, [canonical], cancellationToken).ConfigureAwait(false)).IsKept;
                if (isKept
                    && (await CheckDataAsync(canonical, cancellationToken).ConfigureAwait(false) is null
                        || !await CheckLinkAsync(repository, canonical, cancellationToken).ConfigureAwait(false)))
                {
                    break;
                }
            }

            if (!isKept)
            {
                if (!mayWait)
                {
                    return false;
                }

                await _guard.WaitForRunAsync(state, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
