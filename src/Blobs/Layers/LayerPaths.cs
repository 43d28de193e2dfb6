using System.Globalization;
using System.Security.Cryptography;
using Blobs.Hashing;

namespace Blobs.Layers;

/// <summary>
/// Where everything of the layer store stands.
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
///       sha256/CHAIN-HEX-HEX-removing/  a layer that is being removed
///       mounts/NAME/                    a read-write layer, by the name of its container, 0755
///         mount-id                      its directory in the driver
///         init-id                       MOUNT-ID-init: the layer between it and the image
///         parent                        ChainID of the image's top layer
///       tmp/write-set-NUMBER/           a layer that is being made
///       tmp/release-CHAIN-HEX           empty: what holds that layer is going
///   overlay2/                           0710
///     CACHE-ID/                         0710
///       diff/                           the layer's own files
///       link                            its name below l/
///       lower                           l/NAME:l/NAME… of the layers below, the nearest first
///       work/                           for overlayfs
///       merged/                         where it is mounted, while it is
///       committed                       empty: a layer stands on this one
///     l/NAME -> ../CACHE-ID/diff
///   overlay/                            0710
///     CACHE-ID/                         0710, a layer of an image
///       root/                           the whole tree down to this layer, its files shared with the parent's
///     MOUNT-ID/                         0710, a read-write layer
///       lower-id                        the layer of an image that it stands on
///       upper/  work/  merged/          its own files, and the rest as in overlay2
///   vfs/dir/CACHE-ID/                   the whole tree down to this layer
///   volumes/metadata.db …               databases that a running daemon keeps locked
/// </code>
/// Small files have no newline at their end: some readers would take it for part of the value.
/// </summary>
internal sealed class LayerPaths(string root, string driver)
{
    public const string TemporaryPrefix = "write-set-";

    public const string ReleasePrefix = "release-";

    public const string RemovingSuffix = "-removing";

    public const string InitSuffix = "-init";

    /// <summary>What a build step's read-write layer is called after its number: it is nobody's once the program has ended.</summary>
    public const string StepSuffix = "-step";

    public string Image => Path.Combine(Images(root), driver);

    public string LayerDb => Path.Combine(Image, "layerdb");

    public string Layers => Path.Combine(LayerDb, "sha256");

    public string Mounts => Path.Combine(LayerDb, "mounts");

    public string Temporary => Path.Combine(LayerDb, "tmp");

    public string Driver => Path.Combine(root, driver);

    public string Overlay2Links => Path.Combine(Driver, "l");

    public string VfsTrees => Path.Combine(Driver, "dir");

    public string Layer(ChainId id) => Path.Combine(Layers, id.Hex);

    /// <summary>What a layer is called while it is removed; <paramref name="random"/> is 64 hex digits.</summary>
    public string Removing(ChainId id, string random) => Path.Combine(Layers, $"{id.Hex}-{random}{RemovingSuffix}");

    /// <summary>A new directory out of sight, named as Go's MkdirTemp does.</summary>
    public string NewTemporary()
    {
        uint number = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        return Path.Combine(Temporary, string.Create(CultureInfo.InvariantCulture, $"{TemporaryPrefix}{number}"));
    }

    public string Release(ChainId id) => Path.Combine(Temporary, $"{ReleasePrefix}{id.Hex}");

    public string Mount(string name) => Path.Combine(Mounts, name);

    /// <summary>A layer's directory in the drivers overlay2 and overlay.</summary>
    public string DriverLayer(string id) => Path.Combine(Driver, id);

    public string Overlay2Diff(string cacheId) => Path.Combine(Driver, cacheId, "diff");

    public string Overlay2Link(string linkId) => Path.Combine(Overlay2Links, linkId);

    public string OverlayRoot(string cacheId) => Path.Combine(Driver, cacheId, "root");

    public string OverlayUpper(string id) => Path.Combine(Driver, id, "upper");

    public string VfsTree(string cacheId) => Path.Combine(VfsTrees, cacheId);

    /// <summary>Whether this names one thing in a directory, and nothing elsewhere: a damaged store must not make a path out of
    /// anything.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAny("/\0") && name is not "." and not "..";

    public static string Images(string root) => Path.Combine(root, "image");

    /// <summary>The daemon's own, and that of the containerd it starts.</summary>
    public static string[] DaemonDatabases(string root) =>
    [
        Path.Combine(root, "volumes", "metadata.db"),
        Path.Combine(root, "containerd", "daemon", "io.containerd.metadata.v1.bolt", "meta.db"),
    ];

    public static string Overlay2LinkTarget(string cacheId) => $"../{cacheId}/diff";

    public static string DiffIdFile(string layer) => Path.Combine(layer, "diff");

    public static string SizeFile(string layer) => Path.Combine(layer, "size");

    public static string CacheIdFile(string layer) => Path.Combine(layer, "cache-id");

    public static string ParentFile(string layer) => Path.Combine(layer, "parent");

    public static string TarSplitFile(string layer) => Path.Combine(layer, "tar-split.json.gz");

    public static string MountIdFile(string mount) => Path.Combine(mount, "mount-id");

    public static string InitIdFile(string mount) => Path.Combine(mount, "init-id");

    public static string LinkFile(string driverLayer) => Path.Combine(driverLayer, "link");

    public static string LowerFile(string driverLayer) => Path.Combine(driverLayer, "lower");

    public static string LowerIdFile(string driverLayer) => Path.Combine(driverLayer, "lower-id");

    public static string WorkDirectory(string driverLayer) => Path.Combine(driverLayer, "work");

    public static string MergedDirectory(string driverLayer) => Path.Combine(driverLayer, "merged");

    public static string CommittedFile(string driverLayer) => Path.Combine(driverLayer, "committed");
}
