using System.Runtime.Versioning;
using Blobs.Files.Internal;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Whose turn it is to write the references of a repository: writers share it, who replaces on condition has it alone, so that nothing
/// comes between its look and its write. It is a lock on the repository's directory, held for one write.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class RepositoryTurn
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for the turn; null when there is no such directory, and nothing that could be replaced.</summary>
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
