using Blobs.BlobDirectories;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Where a layer's bytes come from and where else they go: from the image's source, or from blobs that were kept; into a kept blob, when
/// blobs are kept. What an earlier try kept of a blob is read again, and only the rest is fetched.
/// </summary>
internal sealed class LayerInput : IAsyncDisposable
{
    private LayerInput(Stream source, IBlobUpload? upload, Digest? expectedDigest)
    {
        Source = source;
        Upload = upload;
        ExpectedDigest = expectedDigest;
    }

    public Stream Source { get; }

    /// <summary>Takes the bytes as they come; null when they are not kept, or are kept already.</summary>
    public IBlobUpload? Upload { get; }

    /// <summary>What the reader has to check; null when there is no digest, or the source checks it.</summary>
    public Digest? ExpectedDigest { get; }

    public static async ValueTask<LayerInput> OpenAsync(
        BlobDirectory? blobs, IImageSource image, int index, CancellationToken cancellationToken)
    {
        // What went by in an archive was checked then, and comes back as a plain tar.
        if (image is StreamedImage || image.Manifest?.Layers[index] is not { } layer)
        {
            Stream tar = await image.OpenLayerAsync(index, cancellationToken).ConfigureAwait(false);
            return new LayerInput(tar, blobs?.BeginUpload(), null);
        }

        if (blobs is not null && blobs.Contains(layer.Digest))
        {
            return Checked(blobs.OpenRead(layer.Digest), null, layer);
        }

        return blobs is not null && image is IResumableSource resumable && layer.Digest.Algorithm == DigestAlgorithm.Sha256
            && Resume(blobs, layer) is { } partial
            ? await OpenRestAsync(partial, resumable, index, layer, cancellationToken).ConfigureAwait(false)
            : Checked(await image.OpenLayerAsync(index, cancellationToken).ConfigureAwait(false), blobs?.BeginUpload(), layer);
    }

    /// <summary>Says that the bytes were not what they should be: no later try is to go on with them.</summary>
    /// <returns>Whether an earlier try had left some of them, and so may be to blame.</returns>
    public bool Reject()
    {
        var partial = Upload as PartialBlob;
        partial?.Discard();
        return partial?.KeptBytes > 0;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        if (Upload is not null)
        {
            await Upload.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The pipeline hashes by SHA-256 alone.
    private static LayerInput Checked(Stream source, IBlobUpload? upload, Descriptor layer) =>
        layer.Digest.Algorithm == DigestAlgorithm.Sha256
            ? new LayerInput(source, upload, layer.Digest)
            : new LayerInput(new VerifyingStream(source, layer.Digest, layer.Size), upload, null);

    private static PartialBlob? Resume(BlobDirectory blobs, Descriptor layer)
    {
        PartialBlob? partial = blobs.TryResume(layer.Digest);
        if (partial?.KeptBytes > layer.Size)
        {
            partial.Discard();
            partial = blobs.TryResume(layer.Digest);
        }

        return partial;
    }

    private static async ValueTask<LayerInput> OpenRestAsync(
        PartialBlob partial, IResumableSource source, int index, Descriptor layer, CancellationToken cancellationToken)
    {
        try
        {
            Stream rest = await source.OpenLayerAsync(index, partial.KeptBytes, cancellationToken).ConfigureAwait(false);
            return new LayerInput(new JoinedStream(partial.OpenRead(), rest), partial, layer.Digest);
        }
        catch
        {
            await partial.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
