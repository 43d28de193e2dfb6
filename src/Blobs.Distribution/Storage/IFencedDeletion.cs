using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Deletes what a garbage collector has condemned, by requests that have no effect after a deadline. So a collector that
/// was suspended, and has been replaced by another in the meantime, does no harm when it continues. Disposing it ends
/// the collection.
/// </summary>
public interface IFencedDeletion : IAsyncDisposable
{
    /// <summary>The maximum number of objects in one call.</summary>
    const int BatchMax = 1000;

    /// <summary>Whether the storage keeps every other collector out until this is disposed, or until the process ends.
    /// Then the lease of a collector that has died need not run out before the next one begins, and deadlines have no
    /// effect.</summary>
    bool IsLocked { get; }

    /// <summary>Deletes references. Deleting a tag also deletes its history.</summary>
    /// <param name="references">At most <see cref="BatchMax"/> references.</param>
    /// <param name="deadline">By the storage's clock: no deletion happens after it.</param>
    /// <param name="cancellationToken">Cancels the call; deletions that are on their way may still happen, until the
    /// deadline.</param>
    /// <returns>What became of each, in the same order.</returns>
    ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default);

    /// <summary>Deletes blobs, in the same way.</summary>
    ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default);
}
