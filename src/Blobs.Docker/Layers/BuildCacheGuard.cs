using System.Runtime.Versioning;
using Blobs.Docker.BuildKit;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>
/// Keeps the layers and directories that BuildKit's cache needs while layers are removed. The cache is read only when
/// there is something to remove. If it cannot be read, everything is kept.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCacheGuard(string root)
{
    private readonly List<KeptLayer> _kept = [];
    private BuildCache? _cache;

    public IReadOnlyList<KeptLayer> Kept => _kept;

    /// <summary>Why everything is kept; null if the cache could be read, or has not been read yet.</summary>
    public string? Problem => _cache?.Problem is { } problem
        ? $"{problem}: nobody can tell which layers BuildKit's cache needs, and none is removed"
        : null;

    /// <summary>Reads the cache, even if there is nothing to remove, so that <see cref="Problem"/> is known.</summary>
    public void Read() => _ = Cache;

    private BuildCache Cache => _cache ??= BuildCache.Of(RootPaths.BuildSnapshots(root), RootPaths.BuildMetadata(root));

    /// <summary>Whether a layer must be kept. If so, it is recorded as kept.</summary>
    public bool Keeps(Layer layer)
    {
        bool isKept = Keeps(layer.ChainId, layer.CacheId);
        if (isKept)
        {
            _kept.Add(new KeptLayer(layer.ChainId, Cache.DescriptionOf(layer.ChainId)));
        }

        return isKept;
    }

    /// <summary>Whether a layer, or the remains of one, must be kept.</summary>
    public bool Keeps(ChainId? layer, string directory) =>
        Cache.Problem is not null || Cache.Directories.Contains(directory) || (layer is { } id && Cache.Needs(id, directory));

    /// <summary>Returns the driver directories that must be kept, out of those given.</summary>
    public IEnumerable<string> KeptOf(IEnumerable<string> directories) => directories.Where(name => Keeps(null, name));

    /// <summary>Returns the driver directories that are known to belong to the cache, out of those given.</summary>
    public IEnumerable<string> KnownOf(IEnumerable<string> directories) => directories.Where(Cache.Directories.Contains);
}
