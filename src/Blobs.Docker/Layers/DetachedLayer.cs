using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>
/// A layer that is unpacked and verified but not yet visible. Archives can supply layers before their order is known,
/// and several layers can be read in parallel. Commit makes it an ordinary layer; disposing it without a commit removes
/// it.
/// </summary>
public sealed class DetachedLayer : IDisposable
{
    private readonly LayerDatabase _layers;
    private readonly RootLock _rootLock;
    private readonly LayerTransaction _transaction;

    internal DetachedLayer(LayerDatabase layers, RootLock rootLock, LayerTransaction transaction, LayerSummary summary)
    {
        _layers = layers;
        _rootLock = rootLock;
        _transaction = transaction;
        Summary = summary;
    }

    /// <summary>The digests and sizes found while reading the layer.</summary>
    public LayerSummary Summary { get; }

    /// <summary>Whether it was committed. Also true if the store already had the layer.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Makes it visible, on a parent that is now in the store. The data root must be locked for
    /// writing.</summary>
    internal LayerIngestResult Commit(ChainId? parent)
    {
        Layer layer = _transaction.Commit(Summary.DiffId, _layers.GetParent(parent), out bool alreadyExisted);
        IsCommitted = true;
        return new LayerIngestResult(layer, Summary, _transaction.Skipped, alreadyExisted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transaction.Dispose();
        _rootLock.Dispose();
    }
}
