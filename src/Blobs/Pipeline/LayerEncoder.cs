using Blobs.Buffers;
using Blobs.Buffers.Internal;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>
/// Writes layers: compresses the tar on all cores, and hashes the tar and the output once each. Memory does not depend
/// on the size of the layer.
/// </summary>
public static class LayerEncoder
{
    /// <summary>Reads a layer, verifies it, and writes it in another compression.</summary>
    /// <param name="source">A compressed or plain layer, read to its end; stays open.</param>
    /// <param name="target">Takes the output; stays open. It receives the bytes before the digests are checked.</param>
    /// <param name="input">How the source is read and verified; its <see cref="LayerPipelineOptions.Uncompressed"/> is
    /// ignored.</param>
    /// <param name="output">How it is written.</param>
    /// <param name="cancellationToken">Ends the run between two slabs.</param>
    /// <exception cref="MalformedDataException">The compressed stream or the tar breaks its format.</exception>
    /// <exception cref="DigestMismatchException">An expected digest differs.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than <see cref="LayerPipelineOptions.Limits"/>.</exception>
    public static async Task<EncodedLayer> RecodeAsync(
        Stream source,
        Stream target,
        LayerPipelineOptions? input = null,
        LayerEncodeOptions? output = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        output ??= new LayerEncodeOptions();
        LayerSummary? summary = null;
        EncodedLayer layer;
        if (output.Compression == CompressionKind.None)
        {
            // The output is the tar, which the pass has hashed.
            summary = await DecodeAsync(new StreamSink(target)).ConfigureAwait(false);
            layer = new EncodedLayer
            {
                Digest = Digest.Parse($"{summary.DiffId}"),
                Length = summary.UncompressedBytes,
                DiffId = summary.DiffId,
                TarLength = summary.UncompressedBytes,
            };
        }
        else
        {
            using var run = new EncodeRun(target, output, hashesTar: false, cancellationToken);
            layer = await run.RunAsync(async filler =>
            {
                summary = await DecodeAsync(filler).ConfigureAwait(false);
                filler.Complete();
            }).ConfigureAwait(false);
            layer = layer with { DiffId = summary!.DiffId };
        }

        Check("layer digest", output.ExpectedDigest, layer);
        return layer;

        Task<LayerSummary> DecodeAsync(IByteSink sink) => LayerPipeline.RunAsync(
            source, (input ?? new LayerPipelineOptions()) with { Uncompressed = sink }, cancellationToken);
    }

    /// <summary>Writes a tar while it is generated.</summary>
    /// <param name="tar">Generates the tar; read on a dedicated thread. It is not checked to be a tar.</param>
    /// <param name="target">Takes the output; stays open.</param>
    /// <param name="output">How it is written; uncompressed when null.</param>
    /// <param name="cancellationToken">Ends the run between two slabs.</param>
    /// <returns>What was written; without a DiffID when an expected digest was verified instead.</returns>
    /// <exception cref="DigestMismatchException">The expected digest differs.</exception>
    public static async Task<EncodedLayer> EncodeAsync(
        ITarSource tar, Stream target, LayerEncodeOptions? output = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tar);
        ArgumentNullException.ThrowIfNull(target);
        output ??= new LayerEncodeOptions();
        using var run = new EncodeRun(target, output, hashesTar: output.ExpectedDigest is null, cancellationToken);
        EncodedLayer layer = await run.RunAsync(filler => filler.FillAsync(tar)).ConfigureAwait(false);
        Check("layer digest", output.ExpectedDigest, layer);
        return layer;
    }

    /// <inheritdoc cref="EncodeAsync(ITarSource, Stream, LayerEncodeOptions?, CancellationToken)"/>
    public static Task<EncodedLayer> EncodeAsync(
        Stream tar, Stream target, LayerEncodeOptions? output = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tar);
        return EncodeAsync(new StreamSource(tar), target, output, cancellationToken);
    }

    /// <exception cref="DigestMismatchException">The output has another digest.</exception>
    private static void Check(string what, Digest? expected, EncodedLayer layer)
    {
        if (expected is { } digest && digest != layer.Digest)
        {
            throw new DigestMismatchException(what, $"{digest}", $"{layer.Digest}", layer.Length);
        }
    }

    private sealed class StreamSource(Stream stream) : ITarSource
    {
        public int Read(Span<byte> target) => stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
    }
}
