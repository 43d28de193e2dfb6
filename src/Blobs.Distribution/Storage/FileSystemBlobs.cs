using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>The blobs of a registry, in a <see cref="BlobDirectory"/>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileSystemBlobs(BlobDirectory directory) : IRegistryBlobs
{
    public ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(directory.Stat(digest));

    public ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IStoredContent?>(StoredFile.TryOpen(directory.PathOf(digest)));

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default) =>
        directory.TryRead(digest, bytesMax) is { } content ? ValueTask.FromResult<ReadOnlyMemory<byte>?>(content) : default;

    public ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        directory.Write(digest, content);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(directory.TryTouch(digest));

    public ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(directory.Delete(digest));
    }

    // Blobs under another algorithm do not belong to the registry; they may be kept blobs.
    public ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default)
    {
        int countMax = page.Count ?? int.MaxValue;
        Digest? after = page.After is { } text && Digest.TryParse(text, null, out Digest digest) ? digest : null;
        var blobs = new List<ListedBlob>();
        foreach (Digest found in directory.List(after).Where(found => found.Algorithm == DigestAlgorithm.Sha256))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (blobs.Count == countMax)
            {
                return ValueTask.FromResult(new RegistryListing<ListedBlob>(blobs, HasMore: true));
            }

            blobs.Add(new ListedBlob(found));
        }

        return ValueTask.FromResult(new RegistryListing<ListedBlob>(blobs, HasMore: false));
    }
}
