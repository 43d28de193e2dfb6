using System.Runtime.Versioning;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// A lock on the references of a repository, held for one write. Ordinary writers share it. A conditional replace holds
/// it alone, so that no write comes between its comparison and its own write. The lock is on the repository's
/// directory.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class RepositoryTurn
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for the lock. Null when the directory does not exist, so that there is nothing to replace; also
    /// when a shared lock is not supported by the file system.</summary>
    public static async ValueTask<IDisposable?> EnterAsync(string folder, bool isExclusive, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int errno = FileLock.TryTake(folder, isExclusive, out FileLock? taken);
            switch (errno)
            {
                case Errno.None:
                    return taken;
                case Errno.NotFound or Errno.NotDirectory:
                    return null;
                case Errno.NotSupported or Errno.NotImplemented or Errno.NoLocks when !isExclusive:
                    return null;
                case Errno.Again:
                    await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw Errno.Error("lock", errno, folder);
            }
        }
    }
}
