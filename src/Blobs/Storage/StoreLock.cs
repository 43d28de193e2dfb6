using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Storage;

/// <summary>The lock on a registry's directory: writers share it, who collects garbage has it alone. The kernel lets go of it when the
/// process ends.</summary>
[SupportedOSPlatform("linux")]
internal static class StoreLock
{
    /// <param name="root">What to call the store in an error.</param>
    /// <param name="folder">Its <c>docker/registry/v2</c>.</param>
    /// <param name="use">What for.</param>
    /// <returns>Null when there is nothing yet that could be collected, or the file system has no locks.</returns>
    public static IDisposable? Take(string root, string folder, StorageUse use)
    {
        bool isExclusive = use == StorageUse.Collect;
        if (!isExclusive)
        {
            DurableDirectory.Ensure(folder, isDurable: false);
        }

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
                    ? $"{root}: a registry that takes pushes serves this store{who}: stop it, or let it serve read-only, to collect garbage"
                    : $"{root}: another program collects garbage in this store{who}: try again when it is done");
            default:
                throw Errno.Error("lock", errno, folder);
        }
    }
}
