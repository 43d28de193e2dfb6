using System.Runtime.Versioning;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;

namespace Blobs.Docker.Layers;

/// <summary>Ingests layers. The bytes are read in one pass; then the blob becomes visible, then the layer.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerIngester(RootContext context, LayerDatabase layers, LayerSweeper sweeper)
{
    /// <inheritdoc cref="LayerStore.IngestAsync"/>
    public async Task<LayerIngestResult> IngestAsync(
        Stream source, LayerIngestOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new LayerIngestOptions();
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return await IngestAsync(
            rootLock, options.Parent, transaction => RunAsync(transaction, source, options, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Ingests a tar that this process generates. It is read in one pass like any other, but needs no
    /// decompression or verification.</summary>
    /// <param name="rootLock">The lock on the data root, held for writing.</param>
    /// <param name="parentId">The layer below; null for a bottom layer.</param>
    /// <param name="tar">The tar.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    public Task<LayerIngestResult> IngestAsync(RootLock rootLock, ChainId? parentId, ITarSource tar, CancellationToken cancellationToken) =>
        IngestAsync(rootLock, parentId, transaction => RunAsync(transaction, tar, cancellationToken));

    /// <inheritdoc cref="LayerStore.IngestDetachedAsync"/>
    public async Task<DetachedLayer> IngestDetachedAsync(
        Stream source, LayerIngestOptions options, bool letsOthersWrite, CancellationToken cancellationToken)
    {
        (RootLock rootLock, LayerTransaction transaction) =
            await BeginDetachedAsync(options.Parent, letsOthersWrite, cancellationToken).ConfigureAwait(false);
        try
        {
            LayerSummary summary = await RunAsync(transaction, source, options, cancellationToken).ConfigureAwait(false);
            return new DetachedLayer(layers, rootLock, transaction, summary);
        }
        catch
        {
            transaction.Dispose();
            rootLock.Dispose();
            throw;
        }
    }

    private async Task<LayerIngestResult> IngestAsync(
        RootLock rootLock, ChainId? parentId, Func<LayerTransaction, Task<LayerSummary>> run)
    {
        using IDisposable? held = parentId is { } below ? rootLock.Users.Hold(context.Paths.Layer(below)) : null;
        Layer? parent = layers.GetParent(parentId);
        using var transaction = LayerTransaction.Begin(context, layers, rootLock, parent);
        LayerSummary summary = await run(transaction).ConfigureAwait(false);
        Layer layer = transaction.Commit(summary.DiffId, parent, out bool alreadyExisted);
        return new LayerIngestResult(layer, summary, transaction.Skipped, alreadyExisted);
    }

    private async Task<(RootLock Taken, LayerTransaction Transaction)> BeginDetachedAsync(
        ChainId? parent, bool letsOthersWrite, CancellationToken cancellationToken)
    {
        RootLock writing = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        RootLock rootLock = letsOthersWrite ? writing.BeginUnpacking() : writing;
        try
        {
            return (rootLock, LayerTransaction.Begin(context, layers, rootLock, layers.GetParent(parent)));
        }
        catch
        {
            rootLock.Dispose();
            throw;
        }
        finally
        {
            if (letsOthersWrite)
            {
                writing.Dispose();
            }
        }
    }

    private async Task<LayerSummary> RunAsync(LayerTransaction transaction, ITarSource tar, CancellationToken cancellationToken)
    {
        var options = new LayerPipelineOptions
        {
            Entries = transaction.Tree,
            TarSplit = transaction.TarSplit,
            Limits = context.Limits,
        };
        LayerSummary summary = await LayerPipeline.RunAsync(tar, options, cancellationToken).ConfigureAwait(false);
        transaction.Seal();
        return summary;
    }

    private async Task<LayerSummary> RunAsync(
        LayerTransaction transaction, Stream source, LayerIngestOptions options, CancellationToken cancellationToken)
    {
        LayerSummary summary = await LayerPipeline.RunAsync(
            source,
            new LayerPipelineOptions
            {
                ExpectedDigest = options.ExpectedDigest,
                ExpectedDiffId = options.ExpectedDiffId,
                Compressed = options.Blob,
                Entries = transaction.Tree,
                TarSplit = transaction.TarSplit,
                Progress = options.Progress,
                Limits = context.Limits,
            },
            cancellationToken).ConfigureAwait(false);
        transaction.Seal();
        if (options.Blob is { } blob)
        {
            await blob.CommitAsync(summary.Digest, cancellationToken).ConfigureAwait(false);
        }

        return summary;
    }
}
