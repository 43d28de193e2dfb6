using Blobs.Distribution.Storage;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>Contract tests for a storage in memory, as an embedding host might write it.</summary>
public sealed class MemoryStorageTests : RegistryStorageContract
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal override ValueTask<IRegistryStorage> CreateAsync() => ValueTask.FromResult<IRegistryStorage>(new MemoryStorage());
}

/// <summary>The same without locks, as in a bucket.</summary>
public sealed class UnlockedMemoryStorageTests : RegistryStorageContract
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal override ValueTask<IRegistryStorage> CreateAsync() =>
        ValueTask.FromResult<IRegistryStorage>(new MemoryStorage(isLocked: false));
}
