using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// References by which repositories have blobs and manifests, and tags name manifests. Each is one small record that is read and written
/// whole. There are no repositories but by what they have: the first reference makes one.
/// </summary>
public interface IRegistryReferences
{
    /// <summary>Reads a reference; null when it is not there. The answer is never older than the call, whoever else writes to the same
    /// place.</summary>
    ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default);

    /// <summary>Makes a reference that is not there; false when it is. Of several who try at once exactly one succeeds.</summary>
    ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default);

    /// <summary>Replaces a reference that is still the one that was read; false when it was written or deleted since. Of several who try
    /// with the same version exactly one succeeds.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="target">What it refers to from now on.</param>
    /// <param name="version"><see cref="StoredReference.Version"/> of what is to be replaced.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default);

    /// <summary>Makes or replaces a reference, whatever it was; it is young from now on.</summary>
    ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default);

    /// <summary>Deletes a reference; false when it was not there. A tag goes with its history.</summary>
    ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default);

    /// <summary>Lists the references of a kind in a repository, in the order of <see cref="RegistryReference.Name"/>. Every tag in a list
    /// is there; of the other kinds, some may be listed that are not there any more.</summary>
    ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default);

    /// <summary>Lists the repositories that have, or once had, blobs or manifests.</summary>
    /// <param name="kind"><see cref="ReferenceKind.Blob"/> or <see cref="ReferenceKind.Manifest"/>.</param>
    /// <param name="page">Which of them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default);

    /// <summary>Whether a repository has, or once had, manifests.</summary>
    ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default);
}
