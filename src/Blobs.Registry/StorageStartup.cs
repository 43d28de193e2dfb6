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
    private readonly HostRegistration _registration = new(storage);
    private volatile bool _isReady;
    private bool _isAlone;
    private Task _work = Task.CompletedTask;
    private Lazy<Task>? _stopped;

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
        }

        _work = WorkAsync(_stopping.Token);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A host that is told to stop while it runs to its end stops its services twice, the second time when they may be disposed of.
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _stopped, new Lazy<Task>(() => WithdrawAsync(cancellationToken)), null);
        return _stopped.Value;
    }

    public void Dispose() => _stopping.Dispose();

    // Requests in flight, which have ended by now, still need the registration.
    private async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _registration.WithdrawAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BlobsException fault)
        {
            Log.NotWithdrawn(log, fault.Message);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!_isReady)
        {
            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            await TryAsync(
                async () =>
                {
                    await PrepareAsync(cancellationToken).ConfigureAwait(false);
                    Log.StorageIsBack(log);
                }).ConfigureAwait(false);
        }

        while (_isAlone)
        {
            await Task.Delay(HostRegistration.Renewal, clock, cancellationToken).ConfigureAwait(false);
            await TryAsync(
                async () =>
                {
                    await _registration.RenewAsync(cancellationToken).ConfigureAwait(false);
                    await _registration.RequireNoOtherAsync(cancellationToken).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
    }

    // The application has started already: what is wrong can be mended while it tries again.
    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (StorageUnavailableException)
        {
            // Requests report it.
        }
        catch (BlobsException fault)
        {
            Log.StorageUnusable(log, fault.Message);
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

        if (!options.ReadOnly)
        {
            await TakePlaceAsync(cancellationToken).ConfigureAwait(false);
        }

        if (options.CollectEvery is not null && await storage.KeepsDeletedAsync(cancellationToken).ConfigureAwait(false))
        {
            Log.KeepsDeleted(log);
        }

        _isReady = true;
    }

    private async ValueTask TakePlaceAsync(CancellationToken cancellationToken)
    {
        _isAlone = options.Hosts == RegistryHosts.One || storage.Sharing == SharedUse.Unsafe;
        await (_isAlone
            ? _registration.RegisterAsync(cancellationToken)
            : _registration.RequireNoOtherAsync(cancellationToken)).ConfigureAwait(false);
    }

    private void RequireOptions(bool areHostsMany)
    {
        if (areHostsMany && options is { Htpasswd: not null, TokenKeyFile: null })
        {
            throw new RegistryStartException(
                "many hosts with logins need one key for their tokens: "
                + "set --token-key FILE (RegistryOptions.TokenKeyFile), or --hosts one");
        }
    }
}
