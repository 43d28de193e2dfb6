using Blobs.Errors;

namespace Blobs.ContainersStorage;

/// <summary>The records of a store, as they were when its locks were held.</summary>
internal sealed class StoreState
{
    private StoreState(StorePaths paths, List<StoredLayer> layers, List<StoredLayer> volatileLayers, List<StoredImage> images)
    {
        Paths = paths;
        Layers = layers;
        VolatileLayers = volatileLayers;
        Images = images;
    }

    public StorePaths Paths { get; }

    /// <summary>The layers, parents before children.</summary>
    public List<StoredLayer> Layers { get; }

    /// <summary>Layers of containers that do not outlive their run.</summary>
    public IReadOnlyList<StoredLayer> VolatileLayers { get; }

    public List<StoredImage> Images { get; }

    public static StoreState Load(StorePaths paths) => new(
        paths,
        StoreRecords.ReadLayers(paths.LayersFile),
        StoreRecords.ReadLayers(paths.VolatileLayersFile),
        StoreRecords.ReadImages(paths.ImagesFile));

    /// <summary>A complete layer; null when there is none.</summary>
    public StoredLayer? TryGetLayer(string id) => Layers.Find(layer => layer.Id == id && !layer.IsIncomplete);

    /// <summary>A layer and all below it, base first.</summary>
    /// <exception cref="StoreException">One of them is missing.</exception>
    public IReadOnlyList<StoredLayer> Chain(string? top)
    {
        var byId = new Dictionary<string, StoredLayer>();
        foreach (StoredLayer layer in Layers.Where(layer => !layer.IsIncomplete))
        {
            byId.TryAdd(layer.Id, layer);
        }

        var chain = new List<StoredLayer>();
        for (string? id = top; id is not null; id = chain[^1].Parent)
        {
            // More layers than there are can only be a circle.
            if (!byId.TryGetValue(id, out StoredLayer? layer) || chain.Count > byId.Count)
            {
                throw new StoreException(
                    Paths.LayersFile,
                    $"{Paths.LayersFile}: there is no layer {id}; it may be in an additional image store, which is not read");
            }

            chain.Add(layer);
        }

        chain.Reverse();
        return chain;
    }
}
