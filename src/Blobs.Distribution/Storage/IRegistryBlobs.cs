using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// Blobs and manifests by SHA-256 digest, shared by all repositories. A blob is either complete or absent. Large blobs
/// are written as uploads and arrive by <see cref="IStoredUpload.PublishAsync"/>. A storage need not verify that content
/// matches its digest: the caller has done so.
/// </summary>
public interface IRegistryBlobs
{
    /// <summary>Returns the length of a blob and its age, as the time when it was last written or touched; null when it
    /// does not exist.</summary>
    ValueTask<BlobStat?> StatAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Opens a blob for reading; null when it does not exist. A blob that is deleted while it is open stays
    /// readable until it is closed.</summary>
    ValueTask<IStoredContent?> OpenAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Returns an address from which a client can read the blob itself, for a limited time and without further
    /// credentials; null when the storage has no such addresses. The blob need not exist.</summary>
    ValueTask<Uri?> AddressOfAsync(Digest digest, CancellationToken cancellationToken = default) => default;

    /// <summary>Reads a small blob, such as a manifest, into memory; null when it does not exist. The caller must not
    /// modify the result.</summary>
    /// <exception cref="Errors.StoreException">The blob is longer than <paramref name="bytesMax"/> bytes.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Digest digest, int bytesMax, CancellationToken cancellationToken = default);

    /// <summary>Writes a small blob. An existing blob is replaced, and its age is reset.</summary>
    ValueTask WriteAsync(Digest digest, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Resets the age of a blob to that of a newly written one; false when the blob does not exist.</summary>
    ValueTask<bool> TouchAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Deletes a blob; false when it did not exist.</summary>
    ValueTask<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Lists blobs in the order of their digests. <see cref="RegistryPage.After"/> is a digest. A deleted blob
    /// may still be listed for a while.</summary>
    ValueTask<RegistryListing<ListedBlob>> ListAsync(RegistryPage page, CancellationToken cancellationToken = default);
}
