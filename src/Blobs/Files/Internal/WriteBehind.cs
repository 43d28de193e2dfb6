using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>
/// Flushes a file system again and again while something is written to it. Otherwise the disk would do nothing until the end, and then
/// all of it, while somebody waits.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class WriteBehind
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Flushes while some work is done. What is still to be flushed at its end is up to the caller.</summary>
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
    }

    private static void Flush(string directory, CancellationToken end)
    {
        while (!end.WaitHandle.WaitOne(Pause))
        {
            DurableDirectory.FlushFileSystem(directory);
        }
    }
}
