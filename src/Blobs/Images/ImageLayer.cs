using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Images;

/// <summary>One layer of an image at a source: its digests, its size, and ways to open it.</summary>
/// <param name="diffId">Digest of its uncompressed tar, as the image's config names it.</param>
/// <param name="descriptor">Describes the bytes that it opens as; null when there is no manifest.</param>
public abstract class ImageLayer(DiffId diffId, Descriptor? descriptor)
{
    /// <summary>Digest of its uncompressed tar.</summary>
    public DiffId DiffId => diffId;

    /// <summary>Digest, size and media type of the bytes that it opens as, from the image's manifest; null when no manifest describes
    /// them.</summary>
    public Descriptor? Descriptor => descriptor;

    /// <summary>Whether it opens as the plain tar and verifies itself: the stream ends only after the DiffID has been
    /// checked, so the reader need not hash it again.</summary>
    public virtual bool IsVerifiedTar => false;

    /// <summary>Whether its bytes come over a network, so that reading may wait for long.</summary>
    public virtual bool IsRemote => false;

    /// <summary>Full name of the registry and repository that hold its blob; null when it is not in a registry.</summary>
    public virtual string? Repository => null;

    /// <summary>Whether it can be opened at an offset.</summary>
    public virtual bool CanOpenAt => false;

    /// <summary>Length of the bytes that it opens as, if it is known without reading them.</summary>
    public virtual long? GetLength() => descriptor?.Size;

    /// <summary>Opens it at its beginning: the bytes of the descriptor, or, without one, plain or in any detected
    /// compression. The caller disposes the stream and, unless <see cref="IsVerifiedTar"/>, verifies it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens it at an offset, if <see cref="CanOpenAt"/>.</summary>
    /// <param name="offset">Bytes to skip.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual ValueTask<Stream> OpenAtAsync(long offset, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This layer can only be read from its beginning.");

    /// <summary>Writes it, verified, in the requested compression: the same bytes at every call.</summary>
    /// <param name="target">Takes the layer; stays open. It receives the bytes before the last check.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="DigestMismatchException">It is not the layer that its image names, or not the expected
    /// one.</exception>
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
