using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>
/// A layer that is unpacked and checked but not yet visible: archives give layers before they say which is below which, and several come
/// in side by side. Commit makes it a layer like any other; disposing it without commit removes it.
/// </summary>
public sealed class DetachedLayer : IDisposable
{
    private readonly LayerDatabase _layers;
    private readonly RootLock _taken;
    private readonly LayerTransaction _transaction;

    internal DetachedLayer(LayerDatabase layers, RootLock taken, LayerTransaction transaction, LayerSummary summary)
    {
        _layers = layers;
        _taken = taken;
        _transaction = transaction;
        Summary = summary;
    }

    /// <summary>What the pass over it found.</summary>
    public LayerSummary Summary { get; }

    /// <summary>Whether it was committed, also when the store had the layer already.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Makes it visible, on a parent that the store has by now. The root is taken for writing.</summary>
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
        _taken.Dispose();
    }
}
