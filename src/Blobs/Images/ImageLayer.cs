using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Images;

/// <summary>One layer of an image, wherever that is: it says what it is, and opens itself.</summary>
/// <param name="diffId">Digest of its uncompressed tar, as the image's config names it.</param>
/// <param name="descriptor">What describes the bytes that it opens as; null when nothing does.</param>
public abstract class ImageLayer(DiffId diffId, Descriptor? descriptor)
{
    /// <summary>Digest of its uncompressed tar.</summary>
    public DiffId DiffId => diffId;

    /// <summary>Digest, size and media type of the bytes that it opens as, from the image's manifest; null when no manifest describes
    /// them.</summary>
    public Descriptor? Descriptor => descriptor;

    /// <summary>Whether it opens as the plain tar and checks that itself: the stream reports its end only once the DiffID was found
    /// right, so nobody need hash it again.</summary>
    public virtual bool IsVerifiedTar => false;

    /// <summary>Whether its bytes come over a network, so that who reads it may have to wait for them for long.</summary>
    public virtual bool IsRemote => false;

    /// <summary>Whether it can be opened in the middle.</summary>
    public virtual bool CanOpenAt => false;

    /// <summary>Bytes that it opens as, when that is known without reading them.</summary>
    public virtual long? GetLength() => descriptor?.Size;

    /// <summary>Opens it from its beginning: as the descriptor says, or without one plain or compressed in any way that is detected. Who
    /// opens it disposes it and, unless it <see cref="IsVerifiedTar"/>, checks what comes.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens it in the middle, where <see cref="CanOpenAt"/>.</summary>
    /// <param name="offset">Bytes to leave out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual ValueTask<Stream> OpenAtAsync(long offset, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This layer can only be read from its beginning.");

    /// <summary>Writes it, checked and compressed as wanted: the same bytes at every call.</summary>
    /// <param name="target">Takes the layer; stays open. It has seen the bytes before the last check is made.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="DigestMismatchException">It is not what its image names, or not what is expected.</exception>
    public virtual async Task<EncodedLayer> EncodeAsync(
        Stream target, LayerEncodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Stream source = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var input = new LayerPipelineOptions
            {
                ExpectedDigest = Descriptor?.Digest,
                ExpectedDiffId = DiffId,
                Progress = options.Progress,
            };
            return await LayerEncoder.RecodeAsync(source, target, input, options, cancellationToken).ConfigureAwait(false);
        }
    }
}
