using Blobs.Hashing;

namespace Blobs.Storage;

/// <content>Blobs of a repository: layers and configs.</content>
public sealed partial class RegistryStore
{
    /// <summary>Length of a blob; null when the repository does not have it.</summary>
    public async ValueTask<long?> FindBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await ResolveBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found
            ? await _storage.FindAsync(RegistryPaths.Blob(found), cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Opens a blob for reading; null when the repository does not have it.</summary>
    public async ValueTask<IStoredContent?> OpenBlobAsync(
        string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await ResolveBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return canonical is { } found
            ? await _storage.OpenAsync(RegistryPaths.Blob(found), cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Takes a blob from the repository; its bytes stay until they are collected. False when it was not there.</summary>
    public async ValueTask<bool> DeleteBlobAsync(string repository, Digest digest, CancellationToken cancellationToken = default)
    {
        Digest? canonical = await ResolveBlobAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        if (canonical is not { } found)
        {
            return false;
        }

        if (found != digest)
        {
            await _storage.DeleteAsync(RegistryPaths.Layer(repository, digest), cancellationToken).ConfigureAwait(false);
        }

        return await _storage.DeleteAsync(RegistryPaths.Layer(repository, found), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives a repository a blob that is here already, without its bytes being sent again. False when it is not there, or not for
    /// the asking.
    /// </summary>
    /// <param name="repository">Who gets it.</param>
    /// <param name="digest">What.</param>
    /// <param name="from">Who has it; null for anybody, if <see cref="RegistryStoreOptions.MountFromAnywhere"/> allows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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
        // Another algorithm is known only through a repository's links.
        bool isPossible = _options.MountFromAnywhere && digest.Algorithm == DigestAlgorithm.Sha256;
        return isPossible && await _storage.FindAsync(RegistryPaths.Blob(digest), cancellationToken).ConfigureAwait(false) is not null
            ? digest
            : null;
    }

    // The digest under which the bytes stand, when the repository has a link for it and they do.
    private async ValueTask<Digest?> ResolveBlobAsync(string repository, Digest digest, CancellationToken cancellationToken)
    {
        CheckName(repository);
        Digest canonical = digest;
        if (digest.Algorithm != DigestAlgorithm.Sha256)
        {
            Digest? target = await ReadLinkAsync(RegistryPaths.Layer(repository, digest), cancellationToken).ConfigureAwait(false);
            if (target is not { Algorithm: DigestAlgorithm.Sha256 } found)
            {
                return null;
            }

            canonical = found;
        }

        Digest? link = await ReadLinkAsync(RegistryPaths.Layer(repository, canonical), cancellationToken).ConfigureAwait(false);
        long? length = link == canonical
            ? await _storage.FindAsync(RegistryPaths.Blob(canonical), cancellationToken).ConfigureAwait(false)
            : null;
        return length is null ? null : canonical;
    }

    private async ValueTask LinkBlobAsync(string repository, Digest digest, Digest canonical, CancellationToken cancellationToken)
    {
        await LinkOnceAsync(RegistryPaths.Layer(repository, canonical), canonical, cancellationToken).ConfigureAwait(false);
        if (digest != canonical)
        {
            await LinkOnceAsync(RegistryPaths.Layer(repository, digest), canonical, cancellationToken).ConfigureAwait(false);
        }
    }

    // Links named after what they point at never change: one that is right is left alone.
    private async ValueTask LinkOnceAsync(string key, Digest target, CancellationToken cancellationToken)
    {
        if (await ReadLinkAsync(key, cancellationToken).ConfigureAwait(false) != target)
        {
            await WriteLinkAsync(key, target, cancellationToken).ConfigureAwait(false);
        }
    }
}
