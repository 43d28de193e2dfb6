using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Images;

namespace Blobs.ContainersStorage;

/// <summary>An image on its way into a store: which layers it needs, and those that were read. Safe for concurrent
/// use.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StagedImage(ContainersStore store, IImageSource image) : IDisposable
{
    private readonly Dictionary<int, StagedLayer> _read = [];
    private readonly string[] _ids = LayerIds.Of(image.Config.DiffIds);

    public ContainersStore Store => store;

    public IImageSource Image => image;

    public StagedLayer? TryGet(int index)
    {
        lock (_read)
        {
            return _read.GetValueOrDefault(index);
        }
    }

    /// <summary>Adds a layer, and owns it from then on.</summary>
    public void Add(int index, StagedLayer layer)
    {
        lock (_read)
        {
            if (_read.Remove(index, out StagedLayer? same))
            {
                same.Dispose();
            }

            _read.Add(index, layer);
        }
    }

    /// <summary>Ids of the layers, base first. If the store has the image, they are those that it has there: another
    /// program may name layers otherwise.</summary>
    public IReadOnlyList<string> IdsIn(StoreState state)
    {
        if (state.Images.Find(one => one.Id == image.Config.Id.Hex) is not { TopLayer: { } top })
        {
            return _ids;
        }

        try
        {
            IReadOnlyList<StoredLayer> chain = state.Chain(top);
            return chain.Select(layer => layer.DiffId).SequenceEqual(image.Config.DiffIds.Select(diffId => (Hashing.DiffId?)diffId))
                ? [.. chain.Select(layer => layer.Id)]
                : _ids;
        }
        catch (StoreException)
        {
            // Its layers are damaged or elsewhere. The commit says so, unless reading them here repairs it.
            return _ids;
        }
    }

    /// <summary>Indexes of the layers that the store does not have, and that were not read.</summary>
    public int[] AbsentIn(StoreState state)
    {
        IReadOnlyList<string> ids = IdsIn(state);
        return [.. Enumerable.Range(0, ids.Count).Where(index => TryGet(index) is null && state.TryGetLayer(ids[index]) is null)];
    }

    public void Dispose()
    {
        foreach (StagedLayer layer in _read.Values)
        {
            layer.Dispose();
        }
    }
}
