using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Registry.Tests.Testing;

/// <summary>A storage as somebody outside the project would write it: it needs only what is public of the library.</summary>
internal sealed class MemoryStorage : IRegistryStorage
{
    private int _collectors;

    public MemoryStorage()
    {
        var blobs = new MemoryBlobs();
        Blobs = blobs;
        Uploads = new MemoryUploads(blobs);
    }

    public IRegistryBlobs Blobs { get; }

    public IRegistryUploads Uploads { get; }

    public IRegistryReferences References { get; } = new MemoryReferences();

    public IRegistryRecords? Records { get; } = new MemoryRecords();

    public ValueTask ProbeAsync(CancellationToken cancellationToken = default) => default;

    public ValueTask<IFencedDeletion> BeginDeletionAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _collectors, 1) == 0
            ? new(new MemoryDeletion(Blobs, References, () => Interlocked.Exchange(ref _collectors, 0)))
            : throw new RootBusyException("memory", Environment.ProcessId, "memory: garbage is collected");
}
