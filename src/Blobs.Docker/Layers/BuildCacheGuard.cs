using System.Runtime.Versioning;
using Blobs.Docker.BuildKit;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>
/// Keeps what BuildKit's cache needs while layers are removed. The cache is read when there is something to remove, and only then; where it
/// cannot be read, everything stays.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCacheGuard(string root)
{
    private readonly List<KeptLayer> _kept = [];
    private BuildCache? _cache;

    public IReadOnlyList<KeptLayer> Kept => _kept;

    /// <summary>Why everything stays; null as long as nothing was asked for, too.</summary>
    public string? Problem => _cache?.Problem is { } problem
        ? $"{problem}: nobody can tell which layers BuildKit's cache needs, and none is removed"
        : null;

    private BuildCache Cache => _cache ??= BuildCache.Of(RootPaths.BuildSnapshots(root), RootPaths.BuildMetadata(root));

    /// <summary>Whether a layer has to stay, which is noted.</summary>
    public bool Keeps(Layer layer)
    {
        bool isKept = Keeps(layer.ChainId, layer.CacheId);
        if (isKept)
        {
            _kept.Add(new KeptLayer(layer.ChainId, Cache.DescriptionOf(layer.ChainId)));
        }

        return isKept;
    }

    /// <summary>Whether a layer, or what is left of one, has to stay.</summary>
    public bool Keeps(ChainId? layer, string directory) =>
        Cache.Problem is not null || Cache.Directories.Contains(directory) || (layer is { } id && Cache.Needs(id, directory));

    /// <summary>The directories of the driver that have to stay, of all that there are.</summary>
    public IEnumerable<string> KeptOf(IEnumerable<string> directories) => directories.Where(name => Keeps(null, name));
}
