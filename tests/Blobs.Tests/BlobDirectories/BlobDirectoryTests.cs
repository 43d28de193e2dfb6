using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tests.Testing;

namespace Blobs.Tests.BlobDirectories;

public sealed class BlobDirectoryTests
{
    [Fact]
    public async Task A_sweep_removes_files_of_dead_writers_only()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var store = new BlobDirectory(folder.Path);
        await using IBlobUpload alive = store.BeginUpload();
        alive.Write("alive"u8);
        string blobs = Path.GetDirectoryName(Assert.Single(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)))!;
        string living = Assert.Single(Directory.GetFiles(blobs));
        string dead = living[..^4] + "dead";
        await File.WriteAllTextAsync(dead, "dead");

        new BlobDirectory(folder.Path).SweepUploads();

        Assert.Equal([living], Directory.GetFiles(blobs));
        Digest digest = Digest.OfSha256("alive"u8);
        await alive.CommitAsync(digest);
        Assert.True(store.Contains(digest));
    }

    [Fact]
    public void A_missing_blob_is_another_error_than_an_unreadable_one()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var store = new BlobDirectory(folder.Path);
        Digest digest = Digest.OfSha256("x"u8);
        string file = folder[$"docker/registry/v2/blobs/sha256/{digest.Hex[..2]}/{digest.Hex}/data"];
        foreach (Action read in (Action[])[() => store.OpenRead(digest), () => store.LengthOf(digest)])
        {
            NotFoundException missing = Assert.Throws<NotFoundException>(read);
            Assert.Equal($"{file}: there is no blob {digest}", missing.Message);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.CreateSymbolicLink(file, "data");
        foreach (Action read in (Action[])[() => store.OpenRead(digest), () => store.LengthOf(digest)])
        {
            SystemCallException unread = Assert.Throws<SystemCallException>(read);
            Assert.Equal((Errno.TooManySymlinks, file), (unread.Errno, unread.Path));
        }
    }
}
