using System.Runtime.Versioning;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>
/// What stands on each layer: other layers and read-write layers, as they were when it was asked for. What images name is not in here:
/// that is theirs to say.
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

    /// <summary>The layers that stand directly on this one.</summary>
    public IReadOnlyList<ChainId> ChildrenOf(ChainId id) => _children.GetValueOrDefault(id) ?? [];

    /// <summary>Names of the read-write layers that stand directly on this one.</summary>
    public IReadOnlyList<string> ReadWriteLayersOf(ChainId id) => _readWrite.GetValueOrDefault(id) ?? [];

    /// <summary>How many of both; the engine's count, without what images add to it.</summary>
    public int CountOf(ChainId id) => ChildrenOf(id).Count + ReadWriteLayersOf(id).Count;

    /// <summary>A layer has gone: it refers to its parent no more.</summary>
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
