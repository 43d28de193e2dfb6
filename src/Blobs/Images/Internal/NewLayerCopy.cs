using System.ComponentModel;
using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Images.Internal;

/// <summary>Writes a new layer to a target that keeps compressed blobs, and describes it.</summary>
/// <param name="layer">The layer.</param>
/// <param name="compression">The compression.</param>
/// <param name="progress">Receives progress.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class NewLayerCopy(NewLayer layer, CompressionKind compression, IProgress<TransferProgress>? progress)
{
    private DiffId _diffId;

    /// <summary>Writes the layer, the same bytes at every call, and returns its digest and length.</summary>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="known">Digest that an earlier call returned. It is verified, so the tar need not be hashed
    /// again.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    public async Task<WrittenBlob> WriteAsync(Stream target, Digest? known, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, $"{layer}", null);
        var options = new LayerEncodeOptions { Compression = compression, ExpectedDigest = known, Progress = report };
        EncodedLayer written = await layer.EncodeAsync(target, options, cancellationToken).ConfigureAwait(false);
        _diffId = known is null ? written.DiffId : _diffId;
        report.Report(TransferStep.Done, written.TarLength);
        return new WrittenBlob(written.Digest, written.Length);
    }

    /// <summary>What there is to say of the layer once it has been written.</summary>
    public TakenLayer Taken(WrittenBlob blob) => new(_diffId, new Descriptor
    {
        MediaType = LayerTypes.Of(compression, ManifestFormat.Oci)!,
        Digest = blob.Digest,
        Size = blob.Length,
    });
}
