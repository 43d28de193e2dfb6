using System.Collections.Concurrent;
using System.ComponentModel;
using Blobs.Hashing;

namespace Blobs.Images.Internal;

/// <summary>Layers that a target unpacked ahead of their image. Disposing it disposes those that it still has.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LayersAhead<T> : IDisposable
    where T : class, IDisposable
{
    private readonly ConcurrentDictionary<DiffId, T> _layers = [];

    public bool IsEmpty => _layers.IsEmpty;

    /// <summary>Keeps a layer, instead of the same one that was unpacked before.</summary>
    public void Keep(DiffId diffId, T layer)
    {
        Take(diffId)?.Dispose();
        _layers[diffId] = layer;
    }

    /// <summary>Finds a layer, which stays here.</summary>
    public T? Find(DiffId diffId) => _layers.GetValueOrDefault(diffId);

    /// <summary>Takes a layer out; the caller disposes it.</summary>
    public T? Take(DiffId diffId) => _layers.TryRemove(diffId, out T? layer) ? layer : null;

    public void Dispose()
    {
        foreach (T layer in _layers.Values)
        {
            layer.Dispose();
        }

        _layers.Clear();
    }
}
