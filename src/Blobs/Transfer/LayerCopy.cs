using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>One layer from its source into a stream, checked on the way against whatever names it, compressed as wanted.</summary>
internal sealed class LayerCopy(ImageLayer layer, CompressionKind? compression, IProgress<TransferProgress>? progress)
{
    private const int CopyBytes = 256 << 10;

    /// <summary>The layer as its source describes it, when its bytes are to be kept; else null.</summary>
    public Descriptor? Kept => compression is null ? layer.Descriptor : null;

    /// <summary>Writes the layer: the same bytes at every call.</summary>
    public async Task WriteAsync(Stream target, CompressionKind usual, CancellationToken cancellationToken)
    {
        var report = new LayerReport(progress, $"{layer.DiffId}", layer.GetLength());
        Stream source = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            report.Report(TransferStep.Reading, 0);
            if (Kept is { } descriptor)
            {
                var verified = new VerifyingStream(source, descriptor.Digest, descriptor.Size, leaveOpen: true);
                await using (verified.ConfigureAwait(false))
                {
                    await verified.CopyToAsync(target, CopyBytes, cancellationToken).ConfigureAwait(false);
                }

                report.Report(TransferStep.Done, descriptor.Size);
                return;
            }

            if (layer.IsVerifiedTar && (compression ?? usual) == CompressionKind.None)
            {
                // It checks itself, and knows how to overlap reading and writing.
                await source.CopyToAsync(target, CopyBytes, cancellationToken).ConfigureAwait(false);
                report.Report(TransferStep.Done, source.Position);
                return;
            }

            EncodedLayer written = await LayerEncoder.RecodeAsync(
                source,
                target,
                new LayerPipelineOptions
                {
                    ExpectedDigest = layer.Descriptor?.Digest,
                    ExpectedDiffId = layer.DiffId,
                    Progress = report,
                },
                new LayerEncodeOptions { Compression = compression ?? usual },
                cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, written.TarLength);
        }
    }
}
