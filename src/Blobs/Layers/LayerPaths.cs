using Blobs.Hashing;

namespace Blobs.Layers;

/// <summary>
/// Where everything of the layer store stands; no other file builds these paths.
/// <code>
/// ROOT/
///   image/DRIVER/                       one image database a driver, 0700
///     layerdb/                          0700
///       sha256/CHAIN-HEX/               0700, a layer
///         diff                          its DiffID
///         size                          bytes of its files, decimal
///         cache-id                      its directory in the driver
///         parent                        ChainID of the layer below; absent at the bottom
///         tar-split.json.gz             the recording that rebuilds its tar
///       tmp/write-set-NUMBER/           a layer that is being made
///   overlay2/                           0710
///     CACHE-ID/                         0710
///       diff/                           the layer's own files
///       link                            its name below l/
///       lower                           l/NAME:l/NAME… of the layers below, the nearest first
///       work/                           for overlayfs
///       committed                       empty: a layer stands on this one
///     l/NAME -> ../CACHE-ID/diff
///   vfs/dir/CACHE-ID/                   the whole tree down to this layer
/// </code>
/// Small files have no newline at their end: some readers would take it for part of the value.
/// </summary>
internal sealed class LayerPaths(string root, string driver)
{
    public const string TemporaryPrefix = "write-set-";

    public string Image => Path.Combine(root, "image", driver);

    public string LayerDb => Path.Combine(Image, "layerdb");

    public string Layers => Path.Combine(LayerDb, "sha256");

    public string Temporary => Path.Combine(LayerDb, "tmp");

    public string Driver => Path.Combine(root, driver);

    public string Overlay2Links => Path.Combine(Driver, "l");

    public string VfsTrees => Path.Combine(Driver, "dir");

    public string Layer(ChainId id) => Path.Combine(Layers, id.Hex);

    public string Overlay2Layer(string cacheId) => Path.Combine(Driver, cacheId);

    public string Overlay2Diff(string cacheId) => Path.Combine(Driver, cacheId, "diff");

    public string Overlay2Link(string linkId) => Path.Combine(Overlay2Links, linkId);

    public string VfsTree(string cacheId) => Path.Combine(VfsTrees, cacheId);

    public static string Overlay2LinkTarget(string cacheId) => $"../{cacheId}/diff";

    public static string DiffIdFile(string layer) => Path.Combine(layer, "diff");

    public static string SizeFile(string layer) => Path.Combine(layer, "size");

    public static string CacheIdFile(string layer) => Path.Combine(layer, "cache-id");

    public static string ParentFile(string layer) => Path.Combine(layer, "parent");

    public static string TarSplitFile(string layer) => Path.Combine(layer, "tar-split.json.gz");

    public static string LinkFile(string driverLayer) => Path.Combine(driverLayer, "link");

    public static string LowerFile(string driverLayer) => Path.Combine(driverLayer, "lower");

    public static string WorkDirectory(string driverLayer) => Path.Combine(driverLayer, "work");

    public static string CommittedFile(string driverLayer) => Path.Combine(driverLayer, "committed");
}
