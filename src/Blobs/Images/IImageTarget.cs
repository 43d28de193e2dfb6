using Blobs.Oci;

namespace Blobs.Images;

/// <summary>Takes images: a Docker data root, an archive, a layout, a registry. Disposed without
/// <see cref="CommitAsync"/>, it keeps no partial image.</summary>
public interface IImageTarget : IAsyncDisposable
{
    /// <summary>Takes an image: first the missing layers, each verified against config and manifest, then config,
    /// manifest and names.</summary>
    /// <param name="image">The image.</param>
    /// <param name="names">Its names here; ignored by a target whose own address includes a name.</param>
    /// <param name="progress">Receives the progress of every layer, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work; no part of this image stays.</param>
    Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Ends the target after the last image. This completes and publishes an archive.</summary>
    Task CommitAsync(CancellationToken cancellationToken = default);
}
