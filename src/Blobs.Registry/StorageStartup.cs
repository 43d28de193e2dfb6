using Blobs.Distribution.Storage;
using Blobs.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Blobs.Registry;

/// <summary>
/// Prepares the storage before the first request. An application whose storage cannot be used does not start. If the
/// storage only does not answer, the application starts, requests get 503, and the storage is asked again until it
/// answers.
/// </summary>
internal sealed class StorageStartup(
    RegistryStore store, IRegistryStorage storage, RegistryOptions options, TimeProvider clock, ILogger<StorageStartup> log)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isReady;
    private Task _waiting = Task.CompletedTask;

    /// <summary>Whether the storage has been prepared.</summary>
    public bool IsReady => _isReady;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        RequireOptions(options.Hosts == RegistryHosts.Many);
        try
        {
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageUnavailableException away)
        {
            Log.StorageAway(log, away.Message);
            _waiting = WaitForStorageAsync(_stopping.Token);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task WaitForStorageAsync(CancellationToken cancellationToken)
    {
        while (!_isReady)
        {
            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            try
            {
                await PrepareAsync(cancellationToken).ConfigureAwait(false);
                Log.StorageIsBack(log);
            }
            catch (StorageUnavailableException)
            {
                // Said when it began.
            }
            catch (BlobsException fault)
            {
                // The application has started already, so an operator must be able to mend this meanwhile.
                Log.StorageUnusable(log, fault.Message);
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await store.PrepareAsync(mayWrite: !options.ReadOnly, cancellationToken).ConfigureAwait(false);
        if (options.Hosts == RegistryHosts.Many && storage.Sharing == SharedUse.Unsafe)
        {
            throw new RegistryStartException(
                "the storage does not support conditional writes, so only one host may serve it: use --hosts one (RegistryHosts.One)");
        }

        RequireOptions(options.Hosts == RegistryHosts.Many
            || (options.Hosts == RegistryHosts.Automatic && storage.Sharing == SharedUse.Usual));
        if (options.Hosts == RegistryHosts.Automatic && storage.Sharing == SharedUse.Unsafe)
        {
            Log.OneHost(log);
        }

        _isReady = true;
    }

    private void RequireOptions(bool areHostsMany)
    {
        if (areHostsMany && options is { Htpasswd: not null, TokenKeyFile: null })
        {
            throw new RegistryStartException(
                "many hosts with logins need one key for their tokens: set --token-key FILE (RegistryOptions.TokenKeyFile), or --hosts one");
        }
    }
}
