using Amazon.Runtime;
using Blobs.Distribution.Storage;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Storage;

namespace Blobs.Tests.Storage.S3;

/// <summary>Contract tests for a bucket of Ceph's radosgw.</summary>
public sealed class S3StorageTests : RegistryStorageContract
{
    private readonly string _prefix = Radosgw.NewPrefix();
    private readonly List<S3Storage> _opened = [];

    public override ValueTask DisposeAsync()
    {
        _opened.ForEach(storage => storage.Dispose());
        return ValueTask.CompletedTask;
    }

    internal override async ValueTask<IRegistryStorage> CreateAsync()
    {
        Radosgw.Need();
        var storage = new S3Storage(Options(_prefix));
        _opened.Add(storage);
        await storage.PrepareAsync(mayWrite: true);
        Assert.Equal(SharedUse.Usual, storage.Sharing);
        return storage;
    }

    internal static S3StorageOptions Options(string prefix) => new()
    {
        Bucket = Radosgw.Bucket,
        Prefix = prefix,
        Endpoint = new Uri(Radosgw.Endpoint),
        Credentials = new BasicAWSCredentials(Radosgw.AccessKey, Radosgw.SecretKey),
    };
}
