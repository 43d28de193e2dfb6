using System.Runtime.Versioning;
using Blobs.Errors;

namespace Blobs.Docker.Layers;

/// <summary>
/// Who may work on a data root: any number of readers beside one process that writes, and nobody who writes while a Docker daemon holds the
/// root. All of one process share its lock, so whoever does several things in a row takes it once around them. The kernel lets go of
/// it when the process ends; on disk it leaves nothing. Who has to wait long for a layer's bytes keeps daemons out meanwhile and lets
/// others write: see <see cref="BeginUnpacking"/>.
/// </summary>
/// <remarks>
/// A writer does not keep readers out, as what it makes appears at once and complete; only for the moment of a removal it does. While
/// there is a writer a daemon that is started on the root waits, or gives up with an error.
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

    /// <summary>Whether others may write meanwhile, so that what is unpacked has to be locked by itself.</summary>
    internal bool IsShared => _use == RootUse.Unpacking;

    /// <summary>Takes a root for writing; it is made if it is not there, and taken back if nothing comes into it.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="wait">How long to wait for another program to end its work; for ever when null, not at all when zero.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RootBusyException">Another program still writes, or a Docker daemon holds the root: for that nobody
    /// waits.</exception>
    /// <exception cref="SystemCallException">The root cannot be opened.</exception>
    public static async Task<RootLock> WriteAsync(string root, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        RootUsers users = RootUsers.Of(root);
        await UntilAsync(users.TryAddWriter, wait, cancellationToken).ConfigureAwait(false);
        return new RootLock(users, RootUse.Writing);
    }

    /// <summary>Takes a root for reading: nothing in it is removed meanwhile. A daemon is no obstacle.</summary>
    /// <exception cref="ContainerdRootException">Containerd keeps the root's images: there are none to read here.</exception>
    /// <inheritdoc cref="WriteAsync"/>
    public static async Task<RootLock> ReadAsync(string root, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ContainerdImages.ThrowIfKept(Path.GetFullPath(root));
        RootUsers users = RootUsers.Of(root);
        await UntilAsync(users.TryAddReader, wait, cancellationToken).ConfigureAwait(false);
        return new RootLock(users, RootUse.Reading);
    }

    /// <summary>Lets go of the root, unless others in this process hold it too.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Users.Leave(_use);
        }
    }

    /// <summary>For a writer about to let others write while it unpacks: no daemon can start on the root until this is disposed.</summary>
    internal RootLock BeginUnpacking()
    {
        Users.AddUnpacker();
        return new RootLock(Users, RootUse.Unpacking);
    }

    /// <summary>For a writer about to remove something: waits for readers to leave, and lets none in until it is disposed.</summary>
    internal async Task<IDisposable> ExcludeReadersAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        RootUsers.Exclusion? excluding = null;
        await UntilAsync(() => Users.TryExcludeReaders(out excluding), wait, cancellationToken).ConfigureAwait(false);
        return excluding!;
    }

    // Asked again and again, as a lock that the kernel waits for could not be cancelled.
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
