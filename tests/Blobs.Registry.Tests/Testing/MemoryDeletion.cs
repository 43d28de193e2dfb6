using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Registry.Tests.Testing;

/// <summary>Deletion in memory under one fence.</summary>
internal sealed class MemoryDeletion(IRegistryBlobs blobs, IRegistryReferences references, Action end) : IFencedDeletion
{
    public bool IsLocked => true;

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> garbage, DateTimeOffset deadline, CancellationToken cancellationToken = default)
    {
        foreach (RegistryReference reference in garbage)
        {
            await references.DeleteAsync(reference, cancellationToken);
        }

        return [.. garbage.Select(_ => DeletionOutcome.Deleted)];
    }

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> garbage, DateTimeOffset deadline, CancellationToken cancellationToken = default)
    {
        foreach (Digest digest in garbage)
        {
            await blobs.DeleteAsync(digest, cancellationToken);
        }

        return [.. garbage.Select(_ => DeletionOutcome.Deleted)];
    }

    public ValueTask DisposeAsync()
    {
        end();
        return default;
    }
}
