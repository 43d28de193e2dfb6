using Blobs.Files.Internal;

namespace Blobs.ContainersStorage;

/// <summary>
/// Flushes a file system again and again while layers are unpacked into it. Otherwise the disk would do nothing until the end, and then
/// all of it, while the store's locks are held.
/// </summary>
internal static class WriteBehind
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Flushes while some work is done, and once more after it.</summary>
    /// <param name="directory">A directory of the file system.</param>
    /// <param name="work">The work. If it fails, nothing more is flushed.</param>
    public static async Task RunAsync(string directory, Func<Task> work)
    {
        using var end = new CancellationTokenSource();
        Task flushing = Task.Factory.StartNew(
            () => Flush(directory, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await work().ConfigureAwait(false);
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // What a flush here reports is reported to no later one.
        await end.CancelAsync().ConfigureAwait(false);
        await flushing.ConfigureAwait(false);
        DurableDirectory.FlushFileSystem(directory);
    }

    private static void Flush(string directory, CancellationToken end)
    {
        while (!end.WaitHandle.WaitOne(Pause))
        {
            DurableDirectory.FlushFileSystem(directory);
        }
    }
}
