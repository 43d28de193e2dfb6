using System.Runtime.Versioning;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>
/// The layers and read-write layers directly on top of each layer, as of the time of the query. References from images
/// are not included; the image store has them.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class LayerReferences
{
    private readonly Dictionary<ChainId, List<ChainId>> _children = [];
    private readonly Dictionary<ChainId, List<string>> _readWrite = [];

    internal LayerReferences(IEnumerable<(ChainId Child, ChainId Parent)> layers, IEnumerable<ReadWriteLayer> readWrite)
    {
        foreach ((ChainId child, ChainId parent) in layers)
        {
            Add(_children, parent, child);
        }

        foreach (ReadWriteLayer layer in readWrite)
        {
            if (layer.Parent is { } parent)
            {
                Add(_readWrite, parent, layer.Name);
            }
        }
    }

    /// <summary>The layers directly on top of this one.</summary>
    public IReadOnlyList<ChainId> ChildrenOf(ChainId id) => _children.GetValueOrDefault(id) ?? [];

    /// <summary>The names of the read-write layers directly on top of this one.</summary>
    public IReadOnlyList<string> ReadWriteLayersOf(ChainId id) => _readWrite.GetValueOrDefault(id) ?? [];

    /// <summary>The number of layers and read-write layers directly on top of this one. This is dockerd's reference
    /// count, without the references from images.</summary>
    public int CountOf(ChainId id) => ChildrenOf(id).Count + ReadWriteLayersOf(id).Count;

    /// <summary>Records that a layer was removed and no longer refers to its parent.</summary>
    internal void Forget(Layer layer)
    {
        if (layer.Parent is { } parent)
        {
            _children[parent].Remove(layer.ChainId);
        }
    }

    private static void Add<T>(Dictionary<ChainId, List<T>> lists, ChainId key, T value)
    {
        if (!lists.TryGetValue(key, out List<T>? list))
        {
            lists[key] = list = [];
        }

        list.Add(value);
    }
}
