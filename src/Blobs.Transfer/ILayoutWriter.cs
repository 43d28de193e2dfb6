using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Writes an OCI layout to a folder or an archive. Disposed without a commit, it removes what it wrote to a
/// folder, unless blobs are to stay for the next copy.</summary>
internal interface ILayoutWriter : IAsyncDisposable
{
    /// <summary>The existing index of the layout; null for a new one.</summary>
    ImageIndex? Index { get; }

    /// <summary>Whether the layout has the blob.</summary>
    bool Contains(Digest digest);

    /// <summary>Writes a document.</summary>
    void Write(Digest digest, ReadOnlySpan<byte> content);

    /// <summary>Writes a blob of known digest and length; the callback verifies them.</summary>
    Task WriteAsync(Digest digest, long length, Func<Stream, Task> write);

    /// <summary>Writes a blob whose digest and length are known only afterwards; it may have to be written
    /// twice.</summary>
    Task<WrittenBlob> WriteAsync(BlobWriter write);

    /// <summary>Publishes the images by writing the index.</summary>
    /// <param name="index">The layout's new index.</param>
    /// <param name="images">The images for a <c>manifest.json</c>, which only archives have.</param>
    void Commit(ImageIndex index, IReadOnlyList<DockerManifestItem> images);
}
