namespace Blobs.Registry;

/// <summary>Limits how many requests upload blobs at the same time, and so their memory and disk use.</summary>
internal sealed class UploadSlots(RegistryOptions options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.ConcurrentUploads, options.ConcurrentUploads);

    /// <summary>Waits for a slot, which <see cref="Leave"/> returns; false when none became free in time.</summary>
    public Task<bool> EnterAsync(CancellationToken cancellationToken) => _slots.WaitAsync(options.UploadWait, cancellationToken);

    public void Leave() => _slots.Release();

    public void Dispose() => _slots.Dispose();
}
