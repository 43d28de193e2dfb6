using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Storage.S3;

namespace Blobs.Cli.Registries;

/// <summary>Where a registry's store is: in a directory or in a bucket.</summary>
/// <param name="Text">As it was typed.</param>
/// <param name="Bucket">The bucket; null for a directory.</param>
internal sealed record StorePlace(string Text, S3StorageOptions? Bucket)
{
    /// <summary>The directory's full path, or the bucket.</summary>
    public string Name => Bucket is null ? Path.GetFullPath(Text) : Text;

    /// <summary>Opens the store.</summary>
    /// <param name="durability">What is synced to disk; a bucket needs no such thing.</param>
    public IRegistryStorage Open(Durability durability = Durability.Commit) => Bucket is null
        ? new FileSystemStorage(Text, new FileSystemStorageOptions { Durability = durability })
        : new S3Storage(Bucket);

    /// <summary>Opens the store of a registry that is there, to read it or to delete from it.</summary>
    /// <exception cref="NotFoundException">The bucket has nothing below the prefix. A directory is checked later, when it is
    /// used.</exception>
    public async ValueTask<IRegistryStorage> OpenExistingAsync(CancellationToken cancellationToken)
    {
        IRegistryStorage storage = Open();
        return storage is S3Storage bucket && await bucket.IsEmptyAsync(cancellationToken).ConfigureAwait(false)
            ? throw new NotFoundException(
                Text, $"{Text}: not a registry's store: no key in it begins with {RegistryPaths.Version}/")
            : storage;
    }

    /// <summary>The store and how safe it is, for a line that says what a server does.</summary>
    public string Describe(Durability durability) =>
        Bucket is null ? $"{Name} (durability {durability.ToString().ToLowerInvariant()})" : Name;
}
