using System.Runtime.Versioning;
using Blobs.Distribution.Storage;
using Blobs.Files;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>Contract tests for file storage, in a temporary folder.</summary>
[SupportedOSPlatform("linux")]
public abstract class FileSystemStorageContract : RegistryStorageContract
{
    private protected string Root { get; } = Path.Combine(Path.GetTempPath(), $"blobs-storage-{Guid.NewGuid():n}");

    private protected abstract Durability Durability { get; }

    public override ValueTask DisposeAsync()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal override ValueTask<IRegistryStorage> CreateAsync() => ValueTask.FromResult<IRegistryStorage>(
        new FileSystemStorage(Root, new FileSystemStorageOptions { Durability = Durability }));
}
