using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>The lock on a registry's directory: writers share it, who collects garbage has it alone. The kernel lets go of it when the
/// process ends.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StoreLock : IDisposable
{
    private const UnixFileMode DirectoryMode = SmallFile.Readable
        | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly FileLock _taken;
    private readonly MadeDirectories _made;

    private StoreLock(FileLock taken, MadeDirectories made) => (_taken, _made) = (taken, made);

    /// <summary>Takes the lock. What a writer makes of the directory goes again with the lock when nothing came into it.</summary>
    /// <param name="root">What to call the store in an error.</param>
    /// <param name="folder">Its <c>docker/registry/v2</c>.</param>
    /// <param name="use">What for.</param>
    /// <returns>Null when there is nothing yet that could be collected, or the file system has no locks.</returns>
    public static IDisposable? Take(string root, string folder, StorageUse use)
    {
        bool isExclusive = use == StorageUse.Collect;
        var made = new MadeDirectories(isDurable: true);
        try
        {
            if (!isExclusive)
            {
                made.Ensure(folder, DirectoryMode);
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
        // Only for who is alone: others may be about to write into the directory.
        if (!_made.IsEmpty && _taken.TryMakeExclusive())
        {
            _made.Undo();
        }

        _taken.Dispose();
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
