using Blobs.Oci;

namespace Blobs.Images;

/// <summary>Takes images: an engine's root, an archive, a layout, a registry. Disposed without <see cref="CommitAsync"/> it keeps
/// nothing that it did not have whole.</summary>
public interface IImageTarget : IAsyncDisposable
{
    /// <summary>Takes an image: the layers it lacks, each checked against config and manifest, then what names them.</summary>
    /// <param name="image">Where it comes from.</param>
    /// <param name="names">What to call it here; a target whose own address has a name in it ignores them.</param>
    /// <param name="progress">Told about every layer, on the threads that do the work.</param>
    /// <param name="cancellationToken">Ends the work; nothing of this image stays.</param>
    Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Says that no image follows. Archives become whole and visible here.</summary>
    Task CommitAsync(CancellationToken cancellationToken = default);
}
