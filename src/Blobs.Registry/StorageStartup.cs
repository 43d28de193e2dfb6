using Blobs.Distribution.Storage;
using Microsoft.Extensions.Hosting;

namespace Blobs.Registry;

/// <summary>Fails the start of an application whose storage cannot be used.</summary>
internal sealed class StorageStartup(RegistryStore store, RegistryOptions options) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) =>
        store.PrepareAsync(mayWrite: !options.ReadOnly, cancellationToken).AsTask();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
