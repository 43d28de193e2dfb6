using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// The bytes of blobs and manifests, by their SHA-256 digest; they belong to no repository. A blob is there whole or not at all. Large
/// ones come by <see cref="IStoredUpload.FinishAsync"/>. A storage need not check that bytes have the digest: that was done before.
/// </summary>
public interface IRegistryBlobs
{
    /// <summary>Length and age of a blob; null when it is not there.</summary>
    ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Opens a blob for reading; null when it is not there. A storage that can, keeps what was opened readable when the blob is
    /// deleted meanwhile; another one fails to read on.</summary>
    ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Reads a small blob whole, such as a manifest; null when it is not there. The answer must not be changed.</summary>
    /// <exception cref="Errors.StoreException">It has more than <paramref name="bytesMax"/> bytes.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default);

    /// <summary>Writes a small blob; one that is there is replaced, and young again.</summary>
    ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Makes a blob as young as one that was just written; false when it is not there.</summary>
    ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Deletes a blob; false when it was not there.</summary>
    ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Lists blobs in the order of their digests, by which <see cref="RegistryPage.After"/> names them. What was deleted may be
    /// listed for a while.</summary>
    ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default);
}
