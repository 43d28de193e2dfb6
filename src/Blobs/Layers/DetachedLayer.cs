using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Layers;

/// <summary>
/// A layer that is on disk, checked, and part of nothing: archives give layers before they say what those stand on, and
/// several come in side by side. Committed it is a layer like any other; disposed without, it never was.
/// </summary>
internal sealed class DetachedLayer(LayerStore store, RootLock taken, LayerTransaction transaction, LayerSummary summary) : IDisposable
{
    public LayerSummary Summary => summary;

    /// <summary>Whether it has become a layer, or turned out to be one that was there.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Puts it upon its parent, which the store has by now, and makes it visible. The root is taken for writing.</summary>
    public LayerIngestResult Commit(ChainId? parent)
    {
        Layer layer = transaction.Commit(summary.DiffId, store.RequireParent(parent), out bool alreadyExisted);
        IsCommitted = true;
        return new LayerIngestResult(layer, summary, transaction.Skipped, alreadyExisted);
    }

    public void Dispose()
    {
        transaction.Dispose();
        taken.Dispose();
    }
}
