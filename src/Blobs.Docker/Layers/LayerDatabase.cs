using System.Globalization;
using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Reads image layers from <c>layerdb</c>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerDatabase(RootContext context)
{
    // Some drivers allow 127; dockerd reserves two for a container's own layers.
    private const int DepthMax = 125;

    /// <summary>All readable layers, ordered by ChainID. Anything that is not a layer, or is damaged, is omitted, as in
    /// dockerd.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has no data for this driver.</exception>
    public IEnumerable<Layer> All()
    {
        if (!FilePath.IsDirectory(context.Paths.Layers))
        {
            context.Require();
            return [];
        }

        return DirectoryList.Directories(context.Paths.Layers)
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)
            .Select(name => ChainId.TryParse(DigestText.Sha256Prefix + name, null, out ChainId id) ? TryGet(id) : null)
            .OfType<Layer>();
    }

    /// <summary>The layer with that ChainID; null if it is missing or damaged.</summary>
    /// <exception cref="IOException">The layer could not be read, so it may exist.</exception>
    public Layer? TryGet(ChainId id)
    {
        string layer = context.Paths.Layer(id);
        string? parent = SmallFile.TryReadText(RootPaths.ParentFile(layer));

        // As in dockerd, the size is parsed without trimming, and the other values are trimmed.
        bool isWhole = DiffId.TryParse(SmallFile.TryReadText(RootPaths.DiffIdFile(layer))?.Trim(), null, out DiffId diffId);
        isWhole &= long.TryParse(
            SmallFile.TryReadText(RootPaths.SizeFile(layer)), NumberStyles.None, CultureInfo.InvariantCulture, out long size);
        ChainId parentId = default;
        isWhole &= parent is null || ChainId.TryParse(parent.Trim(), null, out parentId);
        string cacheId = SmallFile.TryReadText(RootPaths.CacheIdFile(layer))?.Trim() ?? "";
        isWhole &= RootPaths.IsName(cacheId);
        return !isWhole ? null : new Layer
        {
            ChainId = id,
            DiffId = diffId,
            Parent = parent is null ? null : parentId,
            Size = size,
            CacheId = cacheId,
        };
    }

    /// <summary>The layer with that ChainID.</summary>
    /// <exception cref="NotFoundException">The layer does not exist.</exception>
    /// <exception cref="StoreException">The layer is damaged.</exception>
    public Layer Get(ChainId id) => TryGet(id) ?? throw Missing(id);

    /// <summary>Finds a layer by its ChainID or DiffID, or by a prefix of either.</summary>
    /// <exception cref="NotFoundException">No layer matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several layers match.</exception>
    public Layer Find(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (ChainId.TryParse(id, null, out ChainId chainId) && TryGet(chainId) is { } exact)
        {
            return exact;
        }

        string start = DigestText.WithSha256(id);
        List<Layer> all = [.. All()];
        List<Layer> found = all.FindAll(layer => layer.ChainId.ToString().StartsWith(start, StringComparison.Ordinal));
        if (found.Count == 0)
        {
            found = all.FindAll(layer => layer.DiffId.ToString().StartsWith(start, StringComparison.Ordinal));
        }

        // The same tar on different parents makes several layers with one DiffID. Any of them yields the same bytes.
        bool isUnique = found.Count > 0 && found.TrueForAll(layer => layer.DiffId == found[0].DiffId);
        return isUnique ? found[0]
            : found.Count == 0 ? throw (chainId == default ? NotFound(id) : Missing(chainId))
            : throw new StoreException(
                context.Root, $"{context.Root}: '{id}' is the start of {found.Count} layers ({context.DriverName})");
    }

    /// <summary>The layer to use as the parent of another; null for null.</summary>
    /// <exception cref="NotFoundException">The layer, or one below it, does not exist.</exception>
    /// <exception cref="StoreException">There are too many layers below it, or one is damaged.</exception>
    public Layer? GetParent(ChainId? parent)
    {
        if (parent is not { } id)
        {
            return null;
        }

        Layer layer = Get(id);
        int depth = 1;
        for (Layer below = layer; below.Parent is { } next; depth++)
        {
            below = Get(next);
        }

        return depth < DepthMax
            ? layer
            : throw new StoreException(
                context.Root,
                $"{context.Root}: max depth exceeded: {id} has {depth} layers, and {DepthMax} may stand on one another");
    }

    /// <summary>All layers that have a parent, including damaged layers.</summary>
    public IEnumerable<(ChainId Child, ChainId Parent)> ParentsByChild()
    {
        foreach (string name in DriverDirectories.NamesIn(context.Paths.Layers))
        {
            if (ChainId.TryParse(DigestText.Sha256Prefix + name, null, out ChainId id)
                && SmallFile.TryReadText(RootPaths.ParentFile(context.Paths.Layer(id))) is { } text
                && ChainId.TryParse(text.Trim(), null, out ChainId parent))
            {
                yield return (id, parent);
            }
        }
    }

    public static StoreException Damaged(string path) => new(path, $"{path}: the layer cannot be read");

    private BlobsException Missing(ChainId id) => DirectoryPresence.IsThere(context.Paths.Layer(id))
        ? Damaged(context.Paths.Layer(id))
        : NotFound($"{id}");

    private NotFoundException NotFound(string id) => new(context.Root, $"{context.Root}: no layer '{id}' ({context.DriverName})");
}
