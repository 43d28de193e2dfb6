namespace Blobs.Registry;

/// <summary>Bounds how many requests write blobs at the same time, and so the memory and disk they take.</summary>
internal sealed class UploadSlots(RegistryOptions options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.ConcurrentUploads, options.ConcurrentUploads);

    /// <summary>Waits for a slot, which <see cref="Leave"/> gives back; false when none came free in time.</summary>
    public Task<bool> EnterAsync(CancellationToken cancellationToken) => _slots.WaitAsync(options.UploadWait, cancellationToken);

    public void Leave() => _slots.Release();

    public void Dispose() => _slots.Dispose();
}
