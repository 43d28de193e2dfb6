using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>One layer from its source into a stream, checked on the way against whatever names it, compressed as wanted.</summary>
/// <param name="layer">The layer.</param>
/// <param name="compression">How it is to be compressed; as its source has it when null.</param>
/// <param name="usual">How it is compressed where its source has no bytes to keep.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class LayerCopy(
    ImageLayer layer, CompressionKind? compression, CompressionKind usual, IProgress<TransferProgress>? progress)
{
    private const int CopyBytes = 256 << 10;

    /// <summary>The layer as its source describes it, when its bytes are to be kept; else null.</summary>
    public Descriptor? Kept => compression is null ? layer.Descriptor : null;

    /// <summary>How the layer is compressed when its bytes are not kept.</summary>
    public CompressionKind Compression => compression ?? usual;

    /// <summary>Writes the layer, the same bytes at every call, and says what they were.</summary>
    /// <param name="target">Takes them.</param>
    /// <param name="known">Digest that an earlier call found. It is compared, and so the tar need not be hashed again.</param>
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
