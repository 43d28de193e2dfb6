using Blobs.Docker.Layers;
using Blobs.Errors;

namespace Blobs.Cli;

/// <summary>Locks the data root that a verb works on, and tells the user when it has to wait.</summary>
internal static class RootAccess
{
    /// <param name="root">The data root.</param>
    /// <param name="wait">The longest wait; no limit when null.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<RootLock> WriteAsync(string root, TimeSpan? wait, CancellationToken cancellationToken) =>
        TakeAsync(time => RootLock.WriteAsync(root, time, cancellationToken), wait);

    /// <inheritdoc cref="WriteAsync"/>
    public static Task<RootLock> ReadAsync(string root, CancellationToken cancellationToken) =>
        TakeAsync(time => RootLock.ReadAsync(root, time, cancellationToken), wait: null);

    private static async Task<RootLock> TakeAsync(Func<TimeSpan?, Task<RootLock>> take, TimeSpan? wait)
    {
        try
        {
            return await take(TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (RootBusyException busy) when (!busy.IsDaemon && wait != TimeSpan.Zero)
        {
            Console.Error.WriteLine($"blobs: {busy.Message}: waiting");
        }

        return await take(wait).ConfigureAwait(false);
    }
}
