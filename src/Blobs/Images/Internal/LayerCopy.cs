using System.ComponentModel;
using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Images.Internal;

/// <summary>Copies one layer from its source to a stream, verified against its digests, in the requested
/// compression.</summary>
/// <param name="layer">The layer.</param>
/// <param name="compression">The requested compression; that of the source when null.</param>
/// <param name="usual">The compression if the source has no compressed bytes.</param>
/// <param name="progress">Receives progress.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LayerCopy(
    ImageLayer layer, CompressionKind? compression, CompressionKind usual, IProgress<TransferProgress>? progress)
{
    private const int CopyBytes = 256 << 10;

    /// <summary>The source's descriptor if its bytes are copied unchanged; else null.</summary>
    public Descriptor? Kept => compression is null ? layer.Descriptor : null;

    /// <summary>The compression if the bytes are not copied unchanged.</summary>
    public CompressionKind Compression => compression ?? usual;

    /// <summary>Writes the layer, the same bytes at every call, and returns its digest and length.</summary>
    /// <param name="target">Takes the bytes.</param>
    /// <param name="known">Digest that an earlier call returned. It is verified, so the tar need not be hashed
    /// again.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    public async Task<WrittenBlob> WriteAsync(Stream target, Digest? known, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
        report.Report(TransferStep.Reading, 0);
        if (Kept is { } descriptor)
        {
            await CopyAsync(descriptor, target, cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, descriptor.Size);
            return new WrittenBlob(descriptor.Digest, descriptor.Size);
        }

        var options = new LayerEncodeOptions { Compression = Compression, ExpectedDigest = known, Progress = report };
        EncodedLayer written = await layer.EncodeAsync(target, options, cancellationToken).ConfigureAwait(false);
        report.Report(TransferStep.Done, written.TarLength);
        return new WrittenBlob(written.Digest, written.Length);
    }

    private async Task CopyAsync(Descriptor descriptor, Stream target, CancellationToken cancellationToken)
    {
        var source = new VerifyingStream(
            await layer.OpenAsync(cancellationToken).ConfigureAwait(false), descriptor.Digest, descriptor.Size);
        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(target, CopyBytes, cancellationToken).ConfigureAwait(false);
        }
    }
}
