using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A storage as somebody outside the project would write it: it needs only what is public of the library.</summary>
internal sealed class MemoryStorage : IRegistryStorage
{
    // What passes the deadline is done before anybody is told a later time.
    private readonly Lock _clock = new();
    private readonly bool _isLocked;
    private int _collectors;

    /// <param name="isLocked">Whether a lock keeps other collectors out, as in a directory; else deletions end at their
    /// deadline, as in a bucket.</param>
    public MemoryStorage(bool isLocked = true)
    {
        _isLocked = isLocked;
        var blobs = new MemoryBlobs();
        Blobs = blobs;
        Uploads = new MemoryUploads(blobs);
    }

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; } = new MemoryReferences();

    public IRegistryRecords? Records { get; } = new MemoryRecords();

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => default;

    public ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default)
    {
        lock (_clock)
        {
            return new(DateTimeOffset.UtcNow);
        }
    }

    public ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        !_isLocked ? new(new MemoryDeletion(Blobs, References, _clock))
        : Interlocked.Exchange(ref _collectors, 1) == 0
            ? new(new MemoryDeletion(Blobs, References, () => Interlocked.Exchange(ref _collectors, 0)))
            : throw new RootBusyException("memory", Environment.ProcessId, "memory: garbage is collected");
}
