using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>One layer from its source into a stream, checked on the way against whatever names it, compressed as wanted.</summary>
internal sealed class LayerCopy(IImageSource image, int index, CompressionKind? compression, IProgress<TransferProgress>? progress)
{
    private const int CopyBytes = 256 << 10;

    /// <summary>The layer as the source's manifest describes it, when its bytes are to be kept; else null.</summary>
    public Descriptor? Kept => compression is null ? image.Manifest?.Layers[index] : null;

    /// <summary>Writes the layer: the same bytes at every call.</summary>
    public async Task WriteAsync(Stream target, CompressionKind usual, CancellationToken cancellationToken)
    {
        var report = new LayerReport(progress, $"{image.Config.DiffIds[index]}", image.LengthOfLayer(index));
        Stream source = await image.OpenLayerAsync(index, cancellationToken).ConfigureAwait(false);
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

            if (source is LayerTarStream tar && (compression ?? usual) == CompressionKind.None)
            {
                // It proves itself, and knows how to overlap reading and writing.
                await tar.CopyToAsync(target, CopyBytes, cancellationToken).ConfigureAwait(false);
                report.Report(TransferStep.Done, tar.Position);
                return;
            }

            LayerSummary summary = await EncodeAsync(source, target, compression ?? usual, report, cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, summary.CompressedBytes);
        }
    }

    private async Task<LayerSummary> EncodeAsync(
        Stream source, Stream target, CompressionKind kind, LayerReport report, CancellationToken cancellationToken)
    {
        if (kind is not (CompressionKind.None or CompressionKind.Gzip or CompressionKind.Zstd))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Layers are written plain, or with gzip or zstd.");
        }

        var sink = new StreamSink(target);
        var options = new EncoderOptions { Threads = Environment.ProcessorCount };
        using ZstdEncoder? zstd = kind == CompressionKind.Zstd ? new ZstdEncoder(sink, options) : null;
        GzipEncoder? gzip = kind == CompressionKind.Gzip ? new GzipEncoder(sink, options) : null;
        LayerSummary summary = await LayerPipeline.RunAsync(
            source,
            new LayerPipelineOptions
            {
                ExpectedDigest = image.Manifest?.Layers[index].Digest,
                ExpectedDiffId = image.Config.DiffIds[index],
                Uncompressed = zstd ?? (IByteSink?)gzip ?? sink,
                Progress = report,
            },
            cancellationToken).ConfigureAwait(false);
        zstd?.Complete();
        gzip?.Complete();
        return summary;
    }
}
