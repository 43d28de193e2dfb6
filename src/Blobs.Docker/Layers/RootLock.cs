using System.Runtime.Versioning;
using Blobs.Errors;

namespace Blobs.Docker.Layers;

/// <summary>
/// The lock on a data root. It allows any number of readers alongside one process that writes, and no writer while a
/// Docker daemon is using the data root. All threads of a process share its lock, so a caller that performs several
/// operations in a row should hold the lock around all of them. The kernel releases the lock when the process ends;
/// nothing is left on disk. A process that waits long for a layer's bytes can keep daemons from starting while letting
/// others write: see <see cref="BeginUnpacking"/>.
/// </summary>
/// <remarks>
/// A writer does not exclude readers, because what it creates becomes visible atomically. It excludes them only for the
/// moment of a removal. While there is a writer, a Docker daemon that is started on the data root waits, or fails with
/// an error.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class RootLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly RootUse _use;
    private bool _isDisposed;

    private RootLock(RootUsers users, RootUse use)
    {
        Users = users;
        _use = use;
    }

    internal RootUsers Users { get; }

    /// <summary>Whether others may write in the meantime, so that whatever is unpacked needs its own lock.</summary>
    internal bool IsShared => _use == RootUse.Unpacking;

    /// <summary>Locks a data root for writing. Creates it if it does not exist, and removes it again if nothing is
    /// written to it.</summary>
    /// <param name="root">The path, such as <c>/var/lib/docker</c>.</param>
    /// <param name="wait">How long to wait for another process to finish. Null waits forever; zero does not
    /// wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="RootBusyException">Another process is still writing, or a Docker daemon is using the data root.
    /// There is no wait for a daemon.</exception>
    /// <exception cref="SystemCallException">The data root cannot be opened.</exception>
    public static async Task<RootLock> WriteAsync(string root, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        RootUsers users = RootUsers.Of(root);
        await UntilAsync(users.TryAddWriter, wait, cancellationToken).ConfigureAwait(false);
        return new RootLock(users, RootUse.Writing);
    }

    /// <summary>Locks a data root for reading, so that nothing is removed from it. This works while a Docker daemon is
    /// running.</summary>
    /// <exception cref="ContainerdRootException">Containerd stores the data root's images, so there are none to read
    /// here.</exception>
    /// <inheritdoc cref="WriteAsync"/>
    public static async Task<RootLock> ReadAsync(string root, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ContainerdImages.ThrowIfKept(Path.GetFullPath(root));
        RootUsers users = RootUsers.Of(root);
        await UntilAsync(users.TryAddReader, wait, cancellationToken).ConfigureAwait(false);
        return new RootLock(users, RootUse.Reading);
    }

    /// <summary>Releases the data root, unless others in this process hold it too.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Users.Leave(_use);
        }
    }

    /// <summary>For a writer that will let others write while it unpacks. No Docker daemon can start on the data root
    /// until the returned lock is disposed.</summary>
    internal RootLock BeginUnpacking()
    {
        Users.AddUnpacker();
        return new RootLock(Users, RootUse.Unpacking);
    }

    /// <summary>For a writer that is about to remove something. Waits for readers to finish, and excludes new ones
    /// until the returned object is disposed.</summary>
    internal async Task<IDisposable> ExcludeReadersAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        RootUsers.Exclusion? excluding = null;
        await UntilAsync(() => Users.TryExcludeReaders(out excluding), wait, cancellationToken).ConfigureAwait(false);
        return excluding!;
    }

    // Polls, because a blocking lock in the kernel could not be cancelled.
    private static async Task UntilAsync(Func<RootBusyException?> attempt, TimeSpan? wait, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        while (attempt() is { } busy)
        {
            bool isOver = wait is { } limit && limit != Timeout.InfiniteTimeSpan
                && Environment.TickCount64 - start >= limit.TotalMilliseconds;
            if (busy.IsDaemon || isOver)
            {
                throw busy;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
