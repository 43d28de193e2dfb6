using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Where an OCI layout is written to: a folder, or an archive that goes out. Disposed without commit, nothing of it stays where it
/// can be taken back.</summary>
internal interface ILayoutWriter : IAsyncDisposable
{
    /// <summary>The layout's index as it was before; null for a new one.</summary>
    ImageIndex? Index { get; }

    /// <summary>Whether the blob is there.</summary>
    bool Contains(Digest digest);

    /// <summary>A document.</summary>
    void Write(Digest digest, ReadOnlySpan<byte> content);

    /// <summary>A blob of known digest and length, which who writes it has checked.</summary>
    Task WriteAsync(Digest digest, long length, Func<Stream, Task> write);

    /// <summary>A blob whose digest and length are known when it has been written; it may have to be written twice.</summary>
    Task<WrittenBlob> WriteAsync(BlobWriter write);

    /// <summary>Everything is there: the index makes it visible.</summary>
    /// <param name="index">The layout's new index.</param>
    /// <param name="images">The same for engines that read only what <c>docker save</c> writes. They load archives, not folders.</param>
    void Commit(ImageIndex index, IReadOnlyList<DockerManifestItem> images);
}
