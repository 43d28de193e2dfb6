using Blobs.Distribution.Storage;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Collection;

namespace Blobs.Tests.Storage.S3;

/// <summary>A dry run on a bucket of Ceph's radosgw.</summary>
public sealed class BucketDryRunTests : DryRunTests, IDisposable
{
    private S3Storage? _storage;

    public void Dispose() => _storage?.Dispose();

    internal override async ValueTask<IRegistryStorage> OpenAsync()
    {
        Radosgw.Need();
        _storage = new S3Storage(S3StorageTests.Options(Radosgw.NewPrefix(), Radosgw.Endpoint));
        await _storage.PrepareAsync(mayWrite: true);
        return _storage;
    }
}
