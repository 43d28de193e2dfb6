using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Layers of one image that come in side by side, in any order. They become layers of the store from the base up: each as soon as all
/// below it are there, when what is whole may stay whatever happens to the rest; or all at the end.
/// </summary>
internal sealed class DetachedStack(ImageConfig config, IReadOnlyList<int> missing, bool keepsWhole) : IDisposable
{
    private readonly DetachedLayer?[] _layers = new DetachedLayer?[config.DiffIds.Count];
    private readonly Lock _lock = new();
    private int _committedCount;

    public void Add(int index, DetachedLayer layer)
    {
        lock (_lock)
        {
            _layers[index] = layer;
            if (keepsWhole)
            {
                CommitReady();
            }
        }
    }

    /// <summary>Makes layers of those that are not yet; all have come.</summary>
    public void Commit()
    {
        lock (_lock)
        {
            CommitReady();
        }
    }

    public void Dispose()
    {
        foreach (DetachedLayer? layer in _layers)
        {
            layer?.Dispose();
        }
    }

    public static ChainId? ParentOf(ImageConfig config, int index) => index == 0 ? null : config.ChainIds[index - 1];

    private void CommitReady()
    {
        while (_committedCount < missing.Count && _layers[missing[_committedCount]] is { } ready)
        {
            ready.Commit(ParentOf(config, missing[_committedCount]));
            _committedCount++;
        }
    }
}
