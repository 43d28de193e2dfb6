using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary>Collects garbage from time to time, while the host serves. A time at which another collector is at work is left
/// out.</summary>
internal sealed class CollectionService(
    StorageStartup startup, IRegistryStorage storage, RegistryOptions options, TimeProvider clock, ILogger<CollectionService> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.CollectEvery is not { } every)
        {
            return;
        }

        using var timer = new PeriodicTimer(every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (startup.IsReady)
            {
                await CollectAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CollectAsync(CancellationToken stoppingToken)
    {
        try
        {
            CollectionReport report = await new RegistryCollector(storage, options.Store).RunAsync(
                options.Collection with { MinimumAge = options.Store.MinimumAge }, stoppingToken).ConfigureAwait(false);
            Log.Collected(log, report.Blobs, report.Bytes, report.Manifests, report.Tags, report.Uploads);
            if (report.HasForeignWriter)
            {
                Log.ForeignWriter(log);
            }
        }
        catch (RootBusyException)
        {
            Log.CollectionElsewhere(log);
        }
        catch (BlobsException fault)
        {
            Log.CollectionFailed(log, fault.Message);
        }
        catch (IOException fault)
        {
            Log.CollectionFailed(log, fault.Message);
        }
    }
}
