using Blobs.Distribution.Storage;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Collection;

namespace Blobs.Tests.Storage.S3;

/// <summary>Random steps on a bucket of Ceph's radosgw, through both gateways.</summary>
public sealed class BucketCollectionRandomTests : CollectionRandomTests, IDisposable
{
    private readonly string _prefix = Radosgw.NewPrefix();
    private readonly List<S3Storage> _opened = [];
    private int _next;

    private protected override int Sample => 100;

    public void Dispose() => _opened.ForEach(storage => storage.Dispose());

    internal override async ValueTask<IRegistryStorage> OpenAsync()
    {
        Radosgw.Need();
        string endpoint = Radosgw.Endpoints[Interlocked.Increment(ref _next) % Radosgw.Endpoints.Length];
        var storage = new S3Storage(S3StorageTests.Options(_prefix, endpoint));
        lock (_opened)
        {
            _opened.Add(storage);
        }

        await storage.PrepareAsync(mayWrite: true);
        return storage;
    }
}
