using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <content>Blobs of a repository: layers and configs.</content>
public sealed partial class RegistryStore
{
    /// <summary>Returns the length of a blob; null when the repository does not have it.</summary>
    public async ValueTask<long?> FindBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await LinkedBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found
            ? (await _blobs.StatAsync(found, cancellationToken).ConfigureAwait(false))?.Length
            : null;
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
            ? await ResolveBlobAsync(from, digest, cancellationToken).ConfigureAwait(false)
            : await ResolveAnywhereAsync(digest, cancellationToken).ConfigureAwait(false);
        if (canonical is not { } found)
        {
            return false;
        }

        await LinkBlobAsync(repository, digest, found, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<Digest?> ResolveAnywhereAsync(Digest digest, CancellationToken cancellationToken)
    {
        // Digests of other algorithms can be resolved only through the references of a repository.
        bool isPossible = _options.MountFromAnywhere && digest.Algorithm == DigestAlgorithm.Sha256;
        return isPossible && await IsStoredAsync(digest, cancellationToken).ConfigureAwait(false) ? digest : null;
    }

    // Returns the digest under which the content is stored; null unless the repository has a reference to it and the
    // content exists.
    private async ValueTask<Digest?> ResolveBlobAsync(string repository, Digest digest, CancellationToken cancellationToken) =>
        await LinkedBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false) is { } canonical
        && await IsStoredAsync(canonical, cancellationToken).ConfigureAwait(false)
            ? canonical
            : null;

    // Does the same, but does not check that the content exists.
    private async ValueTask<Digest?> LinkedBlobAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        CheckName(repository);
        Digest canonical = digest;
        if (digest.Algorithm != DigestAlgorithm.Sha256)
        {
            Digest? target = await TargetOfAsync(RegistryReference.ToBlob(repository, digest), cancellationToken).ConfigureAwait(false);
            if (target is not { Algorithm: DigestAlgorithm.Sha256 } found)
            {
                return null;
            }

            canonical = found;
        }

        var own = RegistryReference.ToBlob(repository, canonical);
        return await TargetOfAsync(own, cancellationToken).ConfigureAwait(false) == canonical ? canonical : null;
    }

    private async ValueTask<bool> IsStoredAsync(Digest canonical, CancellationToken cancellationToken) =>
        await _blobs.StatAsync(canonical, cancellationToken).ConfigureAwait(false) is not null;

    private async ValueTask LinkBlobAsync(string repository, Digest digest, Digest canonical, CancellationToken cancellationToken)
    {
        await ReferOnceAsync(RegistryReference.ToBlob(repository, canonical), canonical, cancellationToken).ConfigureAwait(false);
        if (digest != canonical)
        {
            await ReferOnceAsync(RegistryReference.ToBlob(repository, digest), canonical, cancellationToken).ConfigureAwait(false);
        }
    }
}
