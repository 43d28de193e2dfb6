using System.IO.Pipelines;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>
/// One pass over a layer. Every compressed byte is read once and hashed; every uncompressed byte is produced once, into a
/// pooled slab, and hashed, recorded and handed to the caller's sink from there. Memory is bounded by the slabs, not by the layer.
/// </summary>
public static class LayerPipeline
{
    // As much as a pipe or socket returns at once; so few reads that the cost of awaiting them does not matter.
    private const int ReadBytes = 128 << 10;

    /// <inheritdoc cref="RunAsync(PipeReader, LayerPipelineOptions?, CancellationToken)"/>
    /// <remarks>The stream is left open and read to its end.</remarks>
    public static async Task<LayerSummary> RunAsync(
        Stream source, LayerPipelineOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        PipeCapacity.TryEnlarge(source);
        PipeReader reader = PipeReader.Create(
            source is FileStream { CanSeek: true } file ? new PromptStream(file) : source,
            new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 2, leaveOpen: true));
        try
        {
            return await RunAsync(reader, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Reads a compressed or plain layer to its end, and feeds the sinks of <paramref name="options"/> on the way.</summary>
    /// <param name="source">The layer. Its owner completes it.</param>
    /// <param name="options">What to do besides hashing; nothing when null.</param>
    /// <param name="cancellationToken">Ends the run between two slabs.</param>
    /// <returns>Digests, sizes and counts; the expected digests have been checked.</returns>
    /// <exception cref="MalformedDataException">The compressed stream or the tar breaks its format.</exception>
    /// <exception cref="DigestMismatchException">An expected digest differs. The sinks have received everything by
    /// then: publish nothing before this method returns.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than <see cref="LayerPipelineOptions.Limits"/>.</exception>
    public static async Task<LayerSummary> RunAsync(
        PipeReader source, LayerPipelineOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new LayerPipelineOptions();
        return await RunAsync(options, async stop =>
        {
            using var run = new LayerRun(source, options, stop);
            return await run.RunAsync().ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a generated tar, and feeds the sinks for the tar and its entries. Nothing is decoded, and one
    /// hash gives both digests, so those <paramref name="options"/> that concern the blob are ignored.</summary>
    /// <param name="tar">Generates the tar; read on a dedicated thread.</param>
    /// <param name="options">What to do besides hashing; nothing when null.</param>
    /// <param name="cancellationToken">Ends the run between two slabs.</param>
    /// <exception cref="MalformedDataException">It is no tar.</exception>
    /// <exception cref="LimitExceededException">It demands more than <see cref="LayerPipelineOptions.Limits"/>.</exception>
    public static Task<LayerSummary> RunAsync(
        ITarSource tar, LayerPipelineOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tar);
        options ??= new LayerPipelineOptions();
        return RunAsync(options, async stop =>
        {
            using var run = new CaptureRun(options, stop);
            return await run.RunAsync(tar).ConfigureAwait(false);
        }, cancellationToken);
    }

    private static async Task<LayerSummary> RunAsync(
        LayerPipelineOptions options, Func<CancellationToken, Task<LayerSummary>> run, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(TimeSpan.FromSeconds(options.Limits.LayerSeconds));
        try
        {
            return await run(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Throw.LimitExceeded(nameof(Limits.LayerSeconds), options.Limits.LayerSeconds, "the layer");
            throw;
        }
    }
}
