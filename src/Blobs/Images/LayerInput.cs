using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>
/// A layer's bytes for whoever unpacks them, and where they are kept meanwhile, when blobs are kept. A blob that is kept already is read in
/// place of the source. Of one that an earlier try kept in part, that part is read and only the rest fetched; should the whole
/// turn out wrong the part may be to blame, so it is dropped and everything is fetched.
/// </summary>
public sealed class LayerInput : IAsyncDisposable
{
    private readonly PartialBlob? _partial;

    private LayerInput(Stream source, IBlobUpload? upload, Digest? expectedDigest, PartialBlob? partial)
    {
        Source = source;
        Upload = upload;
        ExpectedDigest = expectedDigest;
        _partial = partial;
    }

    /// <summary>The bytes of the layer.</summary>
    public Stream Source { get; }

    /// <summary>Takes the bytes as they come; null when they are not kept, or are kept already.</summary>
    public IBlobUpload? Upload { get; }

    /// <summary>What the reader has to check; null when there is no digest, or the source checks it.</summary>
    public Digest? ExpectedDigest { get; }

    /// <summary>Reads a layer; a second time when an earlier try had left something that was wrong.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="blobs">Where blobs are kept; null when they are not.</param>
    /// <param name="read">Reads everything, checks it, and commits the upload.</param>
    /// <param name="cancellationToken">Ends the wait for the source.</param>
    public static async Task<T> ReadAsync<T>(
        ImageLayer layer, BlobDirectory? blobs, Func<LayerInput, Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            LayerInput input = await OpenAsync(layer, blobs, cancellationToken).ConfigureAwait(false);
            await using (input.ConfigureAwait(false))
            {
                try
                {
                    return await read(input).ConfigureAwait(false);
                }
                catch (Exception fault) when (fault is MalformedDataException or DigestMismatchException or LimitExceededException)
                {
                    // No later try is to go on with these bytes; and this one may only have been misled by an earlier's.
                    input._partial?.Discard();
                    if (input._partial is not { KeptBytes: > 0 })
                    {
                        throw;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        if (Upload is not null)
        {
            await Upload.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<LayerInput> OpenAsync(ImageLayer layer, BlobDirectory? blobs, CancellationToken cancellationToken)
    {
        if (layer.Descriptor is not { } blob)
        {
            Stream unnamed = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
            return new LayerInput(unnamed, blobs?.BeginUpload(), null, null);
        }

        if (blobs is not null && blobs.Contains(blob.Digest))
        {
            return Of(blob, blobs.OpenRead(blob.Digest), null);
        }

        // The pipeline hashes by SHA-256 alone, so under another digest nothing would be found wrong before its end.
        bool canResume = blobs is not null && layer.CanOpenAt && blob.Digest.Algorithm == DigestAlgorithm.Sha256;
        return canResume && Resume(blobs!, blob) is { } partial
            ? await OpenRestAsync(layer, blob, partial, cancellationToken).ConfigureAwait(false)
            : Of(blob, await layer.OpenAsync(cancellationToken).ConfigureAwait(false), blobs?.BeginUpload());
    }

    private static LayerInput Of(Descriptor blob, Stream source, IBlobUpload? upload) => blob.Digest.Algorithm == DigestAlgorithm.Sha256
        ? new LayerInput(source, upload, blob.Digest, null)
        : new LayerInput(new VerifyingStream(source, blob.Digest, blob.Size), upload, null, null);

    // What is there of it, if anything; null when somebody else is at it.
    private static PartialBlob? Resume(BlobDirectory blobs, Descriptor blob)
    {
        PartialBlob? partial = blobs.TryResume(blob.Digest);
        if (partial?.KeptBytes > blob.Size)
        {
            partial.Discard();
            partial = blobs.TryResume(blob.Digest);
        }

        return partial;
    }

    private static async ValueTask<LayerInput> OpenRestAsync(
        ImageLayer layer, Descriptor blob, PartialBlob partial, CancellationToken cancellationToken)
    {
        try
        {
            Stream rest = await layer.OpenAtAsync(partial.KeptBytes, cancellationToken).ConfigureAwait(false);
            return new LayerInput(new JoinedStream(partial.OpenRead(), rest), partial, blob.Digest, partial);
        }
        catch
        {
            await partial.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
