using Blobs.Distribution.Storage;
using Blobs.Storage.S3;
using Blobs.Testing;
using Blobs.Tests.Distribution.Collection;

namespace Blobs.Tests.Storage.S3;

/// <summary>Random steps on a bucket of Ceph's radosgw, through both gateways.</summary>
public sealed class BucketCollectionRandomTests : CollectionRandomTests
{
    private int _next;

    private protected override int Sample => 100;

    // With more of them on a small machine, most pushes take too long and begin again.
    private protected override int WorldsMax => 4;

    private protected override TimeSpan MinimumAge => TimeSpan.FromSeconds(4);

    private protected override TimeSpan LongestPause => TimeSpan.FromSeconds(2);

    private protected override void Need() => Radosgw.Need();

    internal override Func<IRegistryStorage> NewStore(int number)
    {
        string prefix = Radosgw.NewPrefix();
        return () =>
        {
            string endpoint = Radosgw.Endpoints[Interlocked.Increment(ref _next) % Radosgw.Endpoints.Length];
            return new S3Storage(S3StorageTests.Options(prefix, endpoint));
        };
    }
}
