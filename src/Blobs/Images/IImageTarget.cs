using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;

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

    /// <summary>Takes a layer that has not been encoded yet, ahead of the image that has it. A target that can unpack it
    /// (<see cref="CanUnpackAhead"/>), or take bytes of unknown digest, keeps it in this one pass. Any other only learns the
    /// digests, and reads the layer again with the image.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="progress">Receives progress, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work; no part of the layer stays.</param>
    async Task<TakenLayer> TakeLayerAsync(
        NewLayer layer, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (!CanUnpackAhead)
        {
            return new TakenLayer(await layer.HashAsync(cancellationToken).ConfigureAwait(false), null);
        }

        var report = new TransferReport(progress, $"{layer}", null);
        Stream tar = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (tar.ConfigureAwait(false))
        {
            LayerSummary unpacked = await UnpackAsync(tar, report, cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, unpacked.CompressedBytes);
            return new TakenLayer(unpacked.DiffId, null);
        }
    }

    /// <summary>Whether a layer can be unpacked before its image is known; see <see cref="UnpackAsync"/>.</summary>
    bool CanUnpackAhead => false;

    /// <summary>Unpacks a layer of an image that is not known yet, such as one of an archive that is read from a pipe. It stays
    /// hidden until <see cref="TakeAsync"/> gets an image that has it, and is gone when the target is disposed.</summary>
    /// <param name="source">The layer, compressed or not; stays open.</param>
    /// <param name="progress">Receives progress, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work; no part of the layer stays.</param>
    /// <exception cref="NotSupportedException">The target cannot do it: see <see cref="CanUnpackAhead"/>.</exception>
    Task<LayerSummary> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This target cannot unpack a layer before its image is known.");

    /// <summary>Opens the tar of a layer that <see cref="UnpackAsync"/> unpacked, whether an image has it by now or
    /// not.</summary>
    /// <exception cref="NotSupportedException">The target cannot do it: see <see cref="CanUnpackAhead"/>.</exception>
    ValueTask<Stream> OpenUnpackedAsync(DiffId layer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This target cannot unpack a layer before its image is known.");

    /// <summary>Ends the target after the last image. This completes and publishes an archive.</summary>
    Task CommitAsync(CancellationToken cancellationToken = default);
}
