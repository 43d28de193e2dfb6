using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// References: the records that give repositories their blobs and manifests, and point tags to manifests. A reference
/// is one small record that is read and written as a whole. Repositories are not created separately: the first
/// reference creates one.
/// </summary>
public interface IRegistryReferences
{
    /// <summary>Reads a reference; null when it does not exist. The result is at least as recent as the start of the
    /// call, whichever process wrote to the storage.</summary>
    ValueTask<StoredReference?> ReadAsync(RegistryReference reference, CancellationToken cancellationToken = default);

    /// <summary>Creates a reference; false when it exists already. Of several concurrent calls, exactly one
    /// succeeds.</summary>
    ValueTask<bool> TryCreateAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default);

    /// <summary>Replaces a reference if it still has the given version; false when it was written or deleted since that
    /// version was read. Of several concurrent calls with the same version, exactly one succeeds.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="target">The digest it refers to from now on.</param>
    /// <param name="version">The <see cref="StoredReference.Version"/> to replace.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<bool> TryReplaceAsync(
        RegistryReference reference, Digest target, string version, CancellationToken cancellationToken = default);

    /// <summary>Creates or replaces a reference unconditionally, and resets its age.</summary>
    ValueTask WriteAsync(RegistryReference reference, Digest target, CancellationToken cancellationToken = default);

    /// <summary>Deletes a reference; false when it did not exist. Deleting a tag also deletes its history.</summary>
    ValueTask<bool> DeleteAsync(RegistryReference reference, CancellationToken cancellationToken = default);

    /// <summary>Lists the references of one kind in a repository, in the order of <see cref="RegistryReference.Name"/>.
    /// A listed tag exists; a listed reference of another kind may have been deleted already.</summary>
    ValueTask<RegistryListing<ListedReference>> ListAsync(
        string repository, ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default);

    /// <summary>Lists the repositories that have blobs or manifests. Those that once had some may be listed
    /// too.</summary>
    /// <param name="kind"><see cref="ReferenceKind.Blob"/> or <see cref="ReferenceKind.Manifest"/>.</param>
    /// <param name="page">The part of the list to return.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<RegistryListing<string>> ListRepositoriesAsync(
        ReferenceKind kind, RegistryPage page, CancellationToken cancellationToken = default);

    /// <summary>Returns whether a repository has manifests; it may also be true where a repository once had
    /// some.</summary>
    ValueTask<bool> HasRepositoryAsync(string repository, CancellationToken cancellationToken = default);

    /// <summary>Returns when a reference was written, without its content; null when it does not exist.</summary>
    async ValueTask<DateTimeOffset?> AgeAsync(RegistryReference reference, CancellationToken cancellationToken = default) =>
        (await ReadAsync(reference, cancellationToken).ConfigureAwait(false))?.ChangedAt;

    /// <summary>Whether referrers are found by their <see cref="ReferenceKind.Referrer"/>, because it is expensive to
    /// list all manifests of a repository.</summary>
    bool FindsReferrers => false;

    /// <summary>Returns whether every manifest of a repository with a subject has a
    /// <see cref="ReferenceKind.Referrer"/>, apart from those that another program has pushed since. Only asked where
    /// <see cref="FindsReferrers"/> is true.</summary>
    ValueTask<bool> HasAllReferrersAsync(string repository, CancellationToken cancellationToken = default) => new(false);

    /// <summary>Records that every manifest of a repository with a subject has a
    /// <see cref="ReferenceKind.Referrer"/>.</summary>
    ValueTask ConfirmAllReferrersAsync(string repository, CancellationToken cancellationToken = default) => default;
}
