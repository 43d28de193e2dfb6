using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Tests.BlobDirectories;

public sealed class PartialBlobTests : IDisposable
{
    private static readonly byte[] Bytes = "some bytes of a blob"u8.ToArray();
    private static readonly Digest Name = Digest.OfSha256(Bytes);

    private readonly string _root = Directory.CreateTempSubdirectory("blobs-").FullName;
    private readonly BlobDirectory _store;

    public PartialBlobTests() => _store = new BlobDirectory(Path.Combine(_root, "store"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Bytes_of_an_earlier_attempt_are_read_and_not_written_again()
    {
        await using (PartialBlob first = _store.TryResume(Name)!)
        {
            Assert.Equal(0, first.KeptBytes);
            first.Write(Bytes.AsSpan(0, 7));
        }

        Assert.False(_store.Contains(Name));
        await using PartialBlob second = _store.TryResume(Name)!;
        Assert.Equal(7, second.KeptBytes);
        using var kept = new MemoryStream();
        await second.OpenRead().CopyToAsync(kept);
        Assert.Equal(Bytes[..7], kept.ToArray());

        // The whole blob goes by again, in other pieces.
        second.Write(Bytes.AsSpan(0, 5));
        second.Write(Bytes.AsSpan(5, 4));
        second.Write(Bytes.AsSpan(9));
        await second.CommitAsync(Name);
        using var all = new MemoryStream();
        await using Stream blob = _store.OpenRead(Name);
        await blob.CopyToAsync(all);
        Assert.Equal(Bytes, all.ToArray());
    }

    [Fact]
    public async Task Only_one_process_writes_a_partial_blob()
    {
        await using PartialBlob first = _store.TryResume(Name)!;
        Assert.Null(_store.TryResume(Name));
    }

    [Fact]
    public async Task A_discarded_or_empty_partial_blob_is_removed()
    {
        await using (PartialBlob discarded = _store.TryResume(Name)!)
        {
            discarded.Write(Bytes);
            discarded.Discard();
        }

        await using (_store.TryResume(Name)!)
        {
        }

        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }
}
