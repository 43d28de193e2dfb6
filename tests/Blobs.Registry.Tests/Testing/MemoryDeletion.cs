using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Deletion in memory under one fence.</summary>
internal sealed class MemoryDeletion : IFencedDeletion
{
    private readonly IRegistryBlobs _blobs;
    private readonly IRegistryReferences _references;
    private readonly Lock _clock = new();
    private readonly Action _end = () => { };

    /// <summary>Deletes under a lock, which its end releases.</summary>
    public MemoryDeletion(IRegistryBlobs blobs, IRegistryReferences references, Action end)
    {
        (_blobs, _references, _end) = (blobs, references, end);
        IsLocked = true;
    }

    /// <summary>Deletes until a deadline.</summary>
    public MemoryDeletion(IRegistryBlobs blobs, IRegistryReferences references, Lock clock) =>
        (_blobs, _references, _clock) = (blobs, references, clock);

    public bool IsLocked { get; }

    public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
        Delete(references, reference => _references.DeleteAsync(reference, cancellationToken).AsTask(), deadline);

    public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
        Delete(blobs, digest => _blobs.DeleteAsync(digest, cancellationToken).AsTask(), deadline);

    public ValueTask DisposeAsync()
    {
        _end();
        return default;
    }

    private ValueTask<IReadOnlyList<DeletionOutcome>> Delete<T>(
        IReadOnlyList<T> garbage, Func<T, Task<bool>> delete, DateTimeOffset deadline)
    {
        var outcomes = new DeletionOutcome[garbage.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            lock (_clock)
            {
                bool isLate = !IsLocked && DateTimeOffset.UtcNow > deadline;
                outcomes[i] = isLate ? DeletionOutcome.Late : DeletionOutcome.Deleted;

                // Everything in memory completes at once.
                _ = !isLate && delete(garbage[i]).GetAwaiter().GetResult();
            }
        }

        return new(outcomes);
    }
}
