using Blobs.Hashing;
using Blobs.Storage;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Storage;

public sealed class BlobStoreTests
{
    [Fact]
    public async Task Sweeping_spares_what_a_living_writer_has_open_and_takes_what_a_dead_one_left()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var store = new BlobStore(folder.Path);
        await using IBlobUpload alive = store.BeginUpload();
        alive.Write("alive"u8);
        string blobs = Path.GetDirectoryName(Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)))!;
        string living = Assert.Single(Directory.GetFiles(blobs));
        string dead = living[..^4] + "dead";
        await File.WriteAllTextAsync(dead, "dead");

        new BlobStore(folder.Path).SweepUploads();

        Assert.Equal([living], Directory.GetFiles(blobs));
        Digest digest = Digest.OfSha256("alive"u8);
        await alive.CommitAsync(digest);
        Assert.True(store.Contains(digest));
    }
}
