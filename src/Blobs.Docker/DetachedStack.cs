using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// The layers of one image that the store lacks, while they come in, in any order. They become layers of the store from the base up, each
/// once all below it are there.
/// </summary>
internal sealed class DetachedStack(LayerStore store, ImageConfig config) : IDisposable
{
    private readonly DetachedLayer?[] _layers = new DetachedLayer?[config.DiffIds.Count];
    private readonly Lock _lock = new();

    public static ChainId? ParentOf(ImageConfig config, int index) => index == 0 ? null : config.ChainIds[index - 1];

    /// <summary>Takes a layer over.</summary>
    public void Add(int index, DetachedLayer layer)
    {
        lock (_lock)
        {
            _layers[index]?.Dispose();
            _layers[index] = layer;
        }
    }

    /// <summary>Looks everything up in the store, and makes layers of those whose parents are there. The root is taken for
    /// writing.</summary>
    /// <returns>Those that are neither in the store nor here; when there are none, all are in the store.</returns>
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

    private bool IsThere(int index)
    {
        if (store.TryGet(config.ChainIds[index]) is not null)
        {
            return true;
        }

        // One that was committed before and has been removed since is of no more use.
        if (_layers[index] is not { IsCommitted: false } layer)
        {
            return false;
        }

        ChainId? parent = ParentOf(config, index);
        if (parent is not { } below || store.TryGet(below) is not null)
        {
            layer.Commit(parent);
        }

        return true;
    }
}
