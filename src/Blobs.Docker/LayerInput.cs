using Blobs.BlobDirectories;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// A layer's bytes for the reader that unpacks them, and the upload that keeps them if blobs are kept. A kept blob is
/// read instead of the source. If the kept blob is partial, it is read first, and only the rest is fetched. If the
/// whole then fails verification, the partial blob may be the cause, so it is discarded and everything is fetched
/// again.
/// </summary>
internal sealed class LayerInput : IAsyncDisposable
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

    /// <summary>Receives the bytes as they are read; null if blobs are not kept, or if this one is already
    /// kept.</summary>
    public IBlobUpload? Upload { get; }

    /// <summary>The digest that the reader must verify; null if there is none, or if the source verifies it.</summary>
    public Digest? ExpectedDigest { get; }

    /// <summary>Reads a layer. Reads it again from the source if a partial blob of an earlier attempt was
    /// wrong.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="blobs">The kept blobs; null if blobs are not kept.</param>
    /// <param name="read">Reads the whole layer, verifies it, and commits the upload.</param>
    /// <param name="cancellationToken">Cancels the wait for the source.</param>
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
                    // No later attempt may resume from these bytes. Fetch everything if the kept part may be the cause.
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

        // The pipeline verifies SHA-256 only. VerifyingStream, which verifies other digests, cannot start in the
        // middle.
        bool canResume = blobs is not null && layer.CanOpenAt && blob.Digest.Algorithm == DigestAlgorithm.Sha256;
        return canResume && Resume(blobs!, blob) is { } partial
            ? await OpenRestAsync(layer, blob, partial, cancellationToken).ConfigureAwait(false)
            : Of(blob, await layer.OpenAsync(cancellationToken).ConfigureAwait(false), blobs?.BeginUpload());
    }

    private static LayerInput Of(Descriptor blob, Stream source, IBlobUpload? upload) => blob.Digest.Algorithm == DigestAlgorithm.Sha256
        ? new LayerInput(source, upload, blob.Digest, null)
        : new LayerInput(new VerifyingStream(source, blob.Digest, blob.Size), upload, null, null);

    // The partial blob, perhaps empty; null when another process is writing it.
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
