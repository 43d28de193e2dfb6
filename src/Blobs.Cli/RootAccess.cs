using Blobs.Errors;
using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>Takes the root that a verb works on, and says so when somebody has to be waited for.</summary>
internal static class RootAccess
{
    /// <param name="root">The data root.</param>
    /// <param name="waitSeconds">How long at most; as long as it takes when null.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<RootLock> WriteAsync(string root, int? waitSeconds, CancellationToken cancellationToken) =>
        TakeAsync(wait => RootLock.WriteAsync(root, wait, cancellationToken), waitSeconds);

    /// <inheritdoc cref="WriteAsync"/>
    public static Task<RootLock> ReadAsync(string root, CancellationToken cancellationToken) =>
        TakeAsync(wait => RootLock.ReadAsync(root, wait, cancellationToken), waitSeconds: null);

    private static async Task<RootLock> TakeAsync(Func<TimeSpan?, Task<RootLock>> take, int? waitSeconds)
    {
        try
        {
            return await take(TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (RootBusyException busy) when (!busy.IsDaemon && waitSeconds != 0)
        {
            Console.Error.WriteLine($"blobs: {busy.Message}: waiting");
        }

        return await take(waitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null).ConfigureAwait(false);
    }
}
