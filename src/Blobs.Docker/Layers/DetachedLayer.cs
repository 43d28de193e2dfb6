using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Docker.Layers;

/// <summary>
/// A layer that is on disk, checked, and part of nothing: archives give layers before they say what those stand on, and
/// several come in side by side. Committed it is a layer like any other; disposed without, it never was.
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

    /// <summary>Whether it has become a layer, or turned out to be one that was there.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Puts it upon its parent, which the store has by now, and makes it visible. The root is taken for writing.</summary>
    public LayerIngestResult Commit(ChainId? parent)
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
