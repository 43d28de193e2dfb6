using Blobs.Distribution.Storage;
using Microsoft.Extensions.Hosting;

namespace Blobs.Registry;

/// <summary>Holds the storage's lock that keeps collectors out, from before the first request until the last one has
/// ended.</summary>
internal sealed class StorageWriteLock(IRegistryStorage storage, RegistryOptions options) : IHostedService, IDisposable
{
    private IDisposable? _held;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _held = options.ReadOnly ? null : storage.Lock(StorageUse.Write);
        return Task.CompletedTask;
    }

    // Requests in flight may still write; the host disposes this after them.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _held?.Dispose();
}
