using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>The lock on a registry's directory. Writers share it; a garbage collector holds it alone. The kernel
/// releases it when the process ends.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreLock : IDisposable
{
    private readonly FileLock _lock;
    private readonly MadeDirectories _made;

    private StoreLock(FileLock held, MadeDirectories made) => (_lock, _made) = (held, made);

    /// <summary>Takes the lock. The directories that a writer creates for it are removed again on release, if nothing
    /// was written into them.</summary>
    /// <param name="root">The name of the store in error messages.</param>
    /// <param name="folder">Its <c>docker/registry/v2</c>.</param>
    /// <param name="use">The use.</param>
    /// <returns>Null when there is no store to collect in, or the file system does not support locks.</returns>
    public static IDisposable? Take(string root, string folder, StorageUse use)
    {
        bool isExclusive = use == StorageUse.Collect;
        var made = new MadeDirectories(isDurable: true);
        try
        {
            if (!isExclusive)
            {
                made.Ensure(folder, MadeDirectories.Readable);
            }

            return TryTake(root, folder, isExclusive) is { } taken ? new StoreLock(taken, made) : null;
        }
        catch
        {
            made.Undo();
            throw;
        }
    }

    public void Dispose()
    {
        // Only if no other process holds the lock: another writer may be about to use the directories.
        if (!_made.IsEmpty && _lock.TryMakeExclusive())
        {
            _made.Undo();
        }

        _lock.Dispose();
    }

    private static FileLock? TryTake(string root, string folder, bool isExclusive)
    {
        int errno = FileLock.TryTake(folder, isExclusive, out FileLock? taken);
        switch (errno)
        {
            case Errno.None:
                return taken;
            case Errno.NotFound or Errno.NotDirectory when isExclusive:
            case Errno.NotSupported or Errno.NotImplemented or Errno.NoLocks:
                return null;
            case Errno.Again:
                int? process = FileLock.HolderOf(folder);
                string who = LockHolder.Describe(process);
                throw new RootBusyException(root, process, isExclusive
                    ? $"{root}: another program writes to this store{who}: wait until it is done, or let a registry serve read-only"
                    : $"{root}: another program collects garbage in this store{who}: try again when it is done");
            default:
                throw Errno.Error("lock", errno, folder);
        }
    }
}
