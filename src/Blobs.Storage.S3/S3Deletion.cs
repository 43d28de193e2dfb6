using Blobs.Distribution.Storage;
using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>Deletes garbage in batches, by requests whose signature ends at a deadline: the store itself refuses them
/// after that, whenever they arrive.</summary>
internal sealed class S3Deletion(S3Client client, S3Keys keys) : IFencedDeletion
{
    public bool IsLocked => false;

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default)
    {
        DeletionOutcome[] outcomes = await DeleteAsync(
            [.. references.Select(reference => keys.Of(reference))], deadline, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < outcomes.Length; i++)
        {
            // The history after the tag, as it must not be missing while the tag is there.
            if (references[i].Kind == ReferenceKind.Tag && outcomes[i] == DeletionOutcome.Deleted)
            {
                outcomes[i] = await DeleteHistoryAsync(references[i], deadline, cancellationToken).ConfigureAwait(false);
            }
        }

        return outcomes;
    }

    public async ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
        await DeleteAsync([.. blobs.Select(keys.Blob)], deadline, cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync() => default;

    private async ValueTask<DeletionOutcome> DeleteHistoryAsync(
        RegistryReference tag, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var history = new List<string>();
        await foreach (S3Entry entry in client
            .ListAsync(keys.FolderOf(tag), null, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            history.Add(entry.Key);
        }

        DeletionOutcome worst = DeletionOutcome.Deleted;
        foreach (string[] batch in history.Chunk(IFencedDeletion.BatchMax))
        {
            foreach (DeletionOutcome outcome in await DeleteAsync(batch, deadline, cancellationToken).ConfigureAwait(false))
            {
                worst = worst == DeletionOutcome.Deleted ? outcome : worst;
            }
        }

        return worst;
    }

    private async Task<DeletionOutcome[]> DeleteAsync(string[] batch, DateTimeOffset deadline, CancellationToken cancellationToken) =>
        batch.Length == 0 ? [] : await client.DeleteBeforeAsync(batch, deadline, cancellationToken).ConfigureAwait(false);
}
