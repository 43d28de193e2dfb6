using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Deletes garbage in a directory. A lock on <c>gc/lock</c> takes the place of deadlines: the kernel releases it when
/// the process ends, so a collector that is suspended is not replaced, and one that has died is replaced at once.
/// Nothing is flushed to disk, because what returns after a power failure is garbage for the next run.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FileSystemDeletion : IFencedDeletion
{
    private readonly FileLock _lock;
    private readonly Func<RegistryReference, bool> _deleteReference;
    private readonly Func<Digest, bool> _deleteBlob;

    private FileSystemDeletion(FileLock held, Func<RegistryReference, bool> deleteReference, Func<Digest, bool> deleteBlob)
    {
        _lock = held;
        _deleteReference = deleteReference;
        _deleteBlob = deleteBlob;
    }

    public bool IsLocked => true;

    /// <summary>Takes the lock.</summary>
    /// <param name="root">The name of the store in error messages.</param>
    /// <param name="folder">Its <c>docker/registry/v2</c>.</param>
    /// <param name="deleteReference">Deletes a reference.</param>
    /// <param name="deleteBlob">Deletes a blob.</param>
    /// <exception cref="RootBusyException">Another process collects garbage here.</exception>
    public static FileSystemDeletion Begin(
        string root, string folder, Func<RegistryReference, bool> deleteReference, Func<Digest, bool> deleteBlob)
    {
        string path = Path.Combine(folder, RegistryPaths.Records, RegistryPaths.CollectorLock);
        AtomicFile.TryCreateDeep(path, default, TemporaryNames.Registry, isDurable: false);
        int errno = FileLock.TryTake(path, isExclusive: true, out FileLock? taken);
        if (errno == Errno.Again)
        {
            int? process = FileLock.HolderOf(path);
            throw new RootBusyException(
                root,
                process,
                $"{root}: another program collects garbage in this store{LockHolder.Describe(process)}: try again when it is done");
        }

        return errno == Errno.None
            ? new FileSystemDeletion(taken!, deleteReference, deleteBlob)
            : throw Errno.Error("lock", errno, path);
    }

    public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<RegistryReference> references, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<DeletionOutcome>>(Delete(references, _deleteReference, cancellationToken));

    public ValueTask<IReadOnlyList<DeletionOutcome>> DeleteAsync(
        IReadOnlyList<Digest> blobs, DateTimeOffset deadline, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<DeletionOutcome>>(Delete(blobs, _deleteBlob, cancellationToken));

    public ValueTask DisposeAsync()
    {
        _lock.Dispose();
        return ValueTask.CompletedTask;
    }

    private static DeletionOutcome[] Delete<T>(IReadOnlyList<T> items, Func<T, bool> delete, CancellationToken cancellationToken)
    {
        var outcomes = new DeletionOutcome[items.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            delete(items[i]);
            outcomes[i] = DeletionOutcome.Deleted;
        }

        return outcomes;
    }
}
