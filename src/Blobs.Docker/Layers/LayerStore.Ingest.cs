using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Tar;

namespace Blobs.Docker.Layers;

/// <content>A layer comes in: one pass, then the blob becomes visible, then the layer.</content>
public sealed partial class LayerStore
{
    /// <summary>
    /// Reads a compressed or plain layer to its end: checks its digests, unpacks its tree, records its tar, and makes it part of the
    /// store by one rename. A layer that is there already is a success.
    /// </summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">Parent, expectations, and what else to do.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="MalformedDataException">The layer breaks its format, or no engine would unpack it.</exception>
    /// <exception cref="DigestMismatchException">An expected digest differs.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than the store's limits.</exception>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">Too many layers stand on one another.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: the disk is full, a permission is missing.</exception>
    public async Task<LayerIngestResult> IngestAsync(
        Stream source, LayerIngestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new LayerIngestOptions();
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return await IngestAsync(
            taken, options.Parent, transaction => RunAsync(transaction, source, options, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<LayerIngestResult> IngestAsync(
        RootLock taken, ChainId? parentId, Func<LayerTransaction, Task<LayerSummary>> run)
    {
        using IDisposable? held = parentId is { } below ? taken.Users.Hold(Paths.Layer(below)) : null;
        Layer? parent = RequireParent(parentId);
        using var transaction = LayerTransaction.Begin(this, taken, parent);
        LayerSummary summary = await run(transaction).ConfigureAwait(false);
        Layer layer = transaction.Commit(summary.DiffId, parent, out bool alreadyExisted);
        return new LayerIngestResult(layer, summary, transaction.Skipped, alreadyExisted);
    }

    /// <summary>Reads a layer that stays out of sight until it is told what it stands on.</summary>
    /// <param name="source">The layer; stays open.</param>
    /// <param name="options">The parent only where the driver needs its tree: where not <see cref="CanDetach"/>.</param>
    /// <param name="letsOthersWrite">Whether others may write to the root while this waits for the source, and until it is
    /// committed.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    public async Task<DetachedLayer> IngestDetachedAsync(
        Stream source, LayerIngestOptions options, bool letsOthersWrite, CancellationToken cancellationToken)
    {
        (RootLock taken, LayerTransaction transaction) =
            await BeginDetachedAsync(options.Parent, letsOthersWrite, cancellationToken).ConfigureAwait(false);
        try
        {
            LayerSummary summary = await RunAsync(transaction, source, options, cancellationToken).ConfigureAwait(false);
            return new DetachedLayer(this, taken, transaction, summary);
        }
        catch
        {
            transaction.Dispose();
            taken.Dispose();
            throw;
        }
    }

    // A tar that is made here passes once, like any other, but nothing of it has to be decoded or checked.
    private async Task<LayerSummary> RunAsync(
        LayerTransaction transaction, ITarSource tar, CancellationToken cancellationToken)
    {
        var options = new LayerPipelineOptions
        {
            Entries = transaction.Tree,
            TarSplit = transaction.TarSplit,
            Limits = Options.Limits,
        };
        LayerSummary summary = await LayerPipeline.RunAsync(tar, options, cancellationToken).ConfigureAwait(false);
        transaction.Seal();
        return summary;
    }

    private async Task<(RootLock Taken, LayerTransaction Transaction)> BeginDetachedAsync(
        ChainId? parent, bool letsOthersWrite, CancellationToken cancellationToken)
    {
        RootLock writing = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        RootLock taken = letsOthersWrite ? writing.BeginUnpacking() : writing;
        try
        {
            return (taken, LayerTransaction.Begin(this, taken, RequireParent(parent)));
        }
        catch
        {
            taken.Dispose();
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
                Limits = Options.Limits,
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
