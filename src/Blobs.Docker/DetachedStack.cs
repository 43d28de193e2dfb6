using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// The missing layers of one image while they are being read, in any order. They become layers of the store from the
/// bottom up, each once all layers below it are in the store.
/// </summary>
internal sealed class DetachedStack(LayerStore store, ImageConfig config) : IDisposable
{
    private readonly DetachedLayer?[] _layers = new DetachedLayer?[config.DiffIds.Count];
    private readonly Lock _lock = new();

    public static ChainId? ParentOf(ImageConfig config, int index) => index == 0 ? null : config.ChainIds[index - 1];

    /// <summary>Adds a layer and takes ownership of it.</summary>
    public void Add(int index, DetachedLayer layer)
    {
        lock (_lock)
        {
            _layers[index]?.Dispose();
            _layers[index] = layer;
        }
    }

    /// <summary>Commits the layer at an index if its parent is in the store, then those above it that have been read. The
    /// data root must be locked for writing.</summary>
    public void CommitFrom(int index)
    {
        lock (_lock)
        {
            while (index < _layers.Length && TryCommit(index))
            {
                index++;
            }
        }
    }

    /// <summary>Looks up all layers in the store, and commits those whose parents are in the store. The data root must
    /// be locked for writing.</summary>
    /// <returns>The indexes of the layers that are neither in the store nor in this stack; empty when all are in the
    /// store.</returns>
    public int[] Commit()
    {
        lock (_lock)
        {
            return [.. Enumerable.Range(0, _layers.Length).Where(index => !IsThere(index))];
        }
    }

    public void Dispose()
    {
        foreach (DetachedLayer? layer in _layers)
        {
            layer?.Dispose();
        }
    }

    // A layer that was committed and has since been removed cannot be used again.
    private bool IsThere(int index) =>
        store.TryGet(config.ChainIds[index]) is not null || TryCommit(index) || _layers[index] is { IsCommitted: false };

    private bool TryCommit(int index)
    {
        ChainId? parent = ParentOf(config, index);
        if (_layers[index] is not { IsCommitted: false } layer || (parent is { } below && store.TryGet(below) is null))
        {
            return false;
        }

        layer.Commit(parent);
        return true;
    }
}
