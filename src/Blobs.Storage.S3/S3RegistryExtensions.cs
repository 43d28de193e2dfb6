using Blobs.Registry;

namespace Blobs.Storage.S3;

/// <summary>Keeps a registry in an object store.</summary>
public static class S3RegistryExtensions
{
    /// <summary>Stores in a bucket, as docker-registry's s3 driver does.</summary>
    /// <param name="options">The registry's options.</param>
    /// <param name="storage">The bucket, and how to reach it.</param>
    public static RegistryOptions UseS3(this RegistryOptions options, S3StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Storage = new S3Storage(storage);
        return options;
    }
}
