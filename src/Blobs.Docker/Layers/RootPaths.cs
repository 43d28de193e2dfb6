using System.Globalization;
using System.Security.Cryptography;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// The paths of everything in a data root; no other file builds them.
/// <code>
/// ROOT/
///   image/DRIVER/                         one image database a driver, 0700
///     repositories.json                   names: which image each one means
///     imagedb/                            0700
///       content/sha256/HEX                an image's config, its bytes as they came; HEX is their SHA-256, the image's id
///       metadata/sha256/HEX/              0700, what is known of an image besides
///         parent                          id of the image it was made from
///         lastUpdated                     when it was last given a name
///     distribution/                       0700
///       diffid-by-digest/sha256/HEX       DiffID of the layer that a blob of this digest holds
///       v2metadata-by-diffid/sha256/HEX   which blobs in which repositories hold this layer
///     layerdb/                            0700
///       sha256/CHAIN-HEX/                 0700, a layer
///         diff                            its DiffID
///         size                            bytes of its files, decimal
///         cache-id                        its directory in the driver
///         parent                          ChainID of the layer below; absent at the bottom
///         tar-split.json.gz               the recording that rebuilds its tar
///       sha256/CHAIN-HEX-HEX-removing/    a layer that is being removed
///       mounts/NAME/                      a read-write layer, by the name of its container, 0755
///         mount-id                        its directory in the driver
///         init-id                         MOUNT-ID-init: the layer between it and the image
///         parent                          ChainID of the image's top layer
///       tmp/write-set-NUMBER/             a layer that is being made
///       tmp/release-CHAIN-HEX             empty: what holds that layer is going
///   overlay2/                             0710
///     CACHE-ID/                           0710
///       diff/                             the layer's own files
///       link                              its name below l/
///       lower                             l/NAME:l/NAME… of the layers below, the nearest first
///       work/                             for overlayfs
///       merged/                           where it is mounted, while it is
///       committed                         empty: a layer stands on this one
///     l/NAME -> ../CACHE-ID/diff
///   overlay/                              0710
///     CACHE-ID/                           0710, a layer of an image
///       root/                             the whole tree down to this layer, its files shared with the parent's
///     MOUNT-ID/                           0710, a read-write layer
///       lower-id                          the layer of an image that it stands on
///       upper/  work/  merged/            its own files, and the rest as in overlay2
///   vfs/dir/CACHE-ID/                     the whole tree down to this layer
///   containers/                           0710
///     ID/                                 0710
///       config.v2.json                    0600, what it runs and what has become of it
///       hostconfig.json                   what it gets of the machine
///       checkpoints/                      0700
///       hostname                          what a start adds, and these below
///       hosts
///       resolv.conf
///       resolv.conf.hash
///       ID-json.log                       0640, what it printed
///       mounts/                           0710
///   volumes/                              0701
///     NAME/_data/                         0701 and 0755, or as the image has that path
///     metadata.db                         a database that a running daemon keeps locked
///   containerd/daemon/…/meta.db           that of the containerd it starts
///   buildkit/                             what keeps the build cache
///     snapshots.db                        which layers and directories it has
///     metadata_v2.db                      what made each of them
///   tmp/                                  0700
///     .tmp-ID/                            a container that is being made or removed
///   UID.GID/                              the root of a daemon with remapped users
/// </code>
/// Small files have no newline at their end: some readers would take it for part of the value.
/// </summary>
internal sealed class RootPaths(string root, string driver)
{
    public const string ImagesName = "image";

    public const string ContainersName = "containers";

    public const string TemporaryPrefix = "write-set-";

    public const string ReleasePrefix = "release-";

    public const string RemovingSuffix = "-removing";

    public const string InitSuffix = "-init";

    /// <summary>What a build step's read-write layer is called after its number: it is nobody's once the program has ended.</summary>
    public const string StepSuffix = "-step";

    /// <summary>What a container is called before its id while it is made or removed.</summary>
    public const string HiddenPrefix = ".tmp-";

    /// <summary>What only an engine that keeps its images with containerd has in its root.</summary>
    public static IEnumerable<string> ContainerdSigns(string root) =>
    [
        Path.Combine(root, "engine-id"),
        Path.Combine(root, "containerd"),
        Path.Combine(root, "buildkit", "containerd-overlayfs"),
    ];

    public string Image => Path.Combine(Images(root), driver);

    public string Names => Path.Combine(Image, "repositories.json");

    public string ImageDb => Path.Combine(Image, "imagedb");

    public string Contents => Path.Combine(ImageDb, "content", DigestText.Sha256);

    public string AllMetadata => Path.Combine(ImageDb, "metadata", DigestText.Sha256);

    public string Distribution => Path.Combine(Image, "distribution");

    public string DiffIds => Path.Combine(Distribution, "diffid-by-digest");

    public string BlobSources => Path.Combine(Distribution, "v2metadata-by-diffid", DigestText.Sha256);

    public string LayerDb => Path.Combine(Image, "layerdb");

    public string Layers => Path.Combine(LayerDb, DigestText.Sha256);

    public string Mounts => Path.Combine(LayerDb, "mounts");

    public string Temporary => Path.Combine(LayerDb, "tmp");

    public string Driver => Path.Combine(root, driver);

    public string Overlay2Links => Path.Combine(Driver, "l");

    public string VfsTrees => Path.Combine(Driver, "dir");

    public string Containers => ContainersOf(root);

    public string HiddenContainers => Path.Combine(root, "tmp");

    public string Volumes => Path.Combine(root, "volumes");

    public static string Images(string root) => Path.Combine(root, ImagesName);

    public static string ContainersOf(string root) => Path.Combine(root, ContainersName);

    /// <summary>The daemon's own, and that of the containerd it starts.</summary>
    public static string[] DaemonDatabases(string root) =>
    [
        Path.Combine(root, "volumes", "metadata.db"),
        Path.Combine(root, "containerd", "daemon", "io.containerd.metadata.v1.bolt", "meta.db"),
    ];

    public static string BuildSnapshots(string root) => Path.Combine(root, "buildkit", "snapshots.db");

    public static string BuildMetadata(string root) => Path.Combine(root, "buildkit", "metadata_v2.db");

    /// <summary>The root of a daemon with remapped users, by the name that <see cref="Files.OwnerMap"/> knows.</summary>
    public static string Remapped(string root, string owners) => Path.Combine(root, owners);

    /// <summary>Whether this names one thing in a directory, and nothing elsewhere: a damaged store must not make a path out of
    /// anything.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAny("/\0") && name is not "." and not "..";

    // Images.
    public string Content(Digest id) => Path.Combine(Contents, id.Hex);

    public string Metadata(Digest id) => Path.Combine(AllMetadata, id.Hex);

    public string DiffIdFile(Digest blob) => Path.Combine(DiffIds, DigestText.NameOf(blob.Algorithm), blob.Hex);

    public string BlobSourcesFile(DiffId layer) => Path.Combine(BlobSources, layer.Hex);

    public static string LastUpdatedFile(string metadata) => Path.Combine(metadata, "lastUpdated");

    // Layers.
    public string Layer(ChainId id) => LayerOf(id.Hex);

    /// <summary>The directory of a layer, or of what is left of one, by its name.</summary>
    public string LayerOf(string name) => Path.Combine(Layers, name);

    /// <summary>What a layer is called while it is removed; <paramref name="random"/> is 64 hex digits.</summary>
    public string Removing(ChainId id, string random) => LayerOf($"{id.Hex}-{random}{RemovingSuffix}");

    /// <summary>A new directory out of sight, named as Go's MkdirTemp does.</summary>
    public string NewTemporary()
    {
        uint number = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        return TemporaryOf(string.Create(CultureInfo.InvariantCulture, $"{TemporaryPrefix}{number}"));
    }

    public string TemporaryOf(string name) => Path.Combine(Temporary, name);

    public string Release(ChainId id) => TemporaryOf($"{ReleasePrefix}{id.Hex}");

    public string Mount(string name) => Path.Combine(Mounts, name);

    public static string DiffIdFile(string layer) => Path.Combine(layer, "diff");

    public static string SizeFile(string layer) => Path.Combine(layer, "size");

    public static string CacheIdFile(string layer) => Path.Combine(layer, "cache-id");

    /// <summary>Of a layer, a read-write layer or an image.</summary>
    public static string ParentFile(string folder) => Path.Combine(folder, "parent");

    public static string TarSplitFile(string layer) => Path.Combine(layer, "tar-split.json.gz");

    public static string MountIdFile(string mount) => Path.Combine(mount, "mount-id");

    public static string InitIdFile(string mount) => Path.Combine(mount, "init-id");

    // Drivers.

    /// <summary>A layer's directory in the drivers overlay2 and overlay.</summary>
    public string DriverLayer(string id) => Path.Combine(Driver, id);

    public string Overlay2Diff(string cacheId) => DiffDirectory(DriverLayer(cacheId));

    public string Overlay2Link(string linkId) => Path.Combine(Overlay2Links, linkId);

    /// <summary>How a layer's file <c>lower</c> names that link.</summary>
    public static string Overlay2Lower(string linkId) => $"l/{linkId}";

    /// <summary>The link of such a name.</summary>
    public string Overlay2LinkOf(string lower) => Path.Combine(Driver, lower);

    public static string Overlay2LinkTarget(string cacheId) => $"../{cacheId}/diff";

    /// <summary>The layer that a link leads to; null when it leads elsewhere.</summary>
    public static string? CacheIdOf(string? linkTarget) =>
        linkTarget?.Split('/') is ["..", var cacheId, "diff"] ? cacheId : null;

    public string OverlayRoot(string cacheId) => RootDirectory(DriverLayer(cacheId));

    public string OverlayUpper(string id) => UpperDirectory(DriverLayer(id));

    public string VfsTree(string cacheId) => Path.Combine(VfsTrees, cacheId);

    /// <summary>Of a layer's directory, as for all below: its path, or its name for a path relative to the driver's home.</summary>
    public static string DiffDirectory(string driverLayer) => Path.Combine(driverLayer, "diff");

    public static string RootDirectory(string driverLayer) => Path.Combine(driverLayer, "root");

    public static string UpperDirectory(string driverLayer) => Path.Combine(driverLayer, "upper");

    public static string LinkFile(string driverLayer) => Path.Combine(driverLayer, "link");

    public static string LowerFile(string driverLayer) => Path.Combine(driverLayer, "lower");

    public static string LowerIdFile(string driverLayer) => Path.Combine(driverLayer, "lower-id");

    public static string WorkDirectory(string driverLayer) => Path.Combine(driverLayer, "work");

    public static string MergedDirectory(string driverLayer) => Path.Combine(driverLayer, "merged");

    public static string CommittedFile(string driverLayer) => Path.Combine(driverLayer, "committed");

    // Containers.
    public string Container(string id) => Path.Combine(Containers, id);

    public string HiddenContainer(string id) => Path.Combine(HiddenContainers, HiddenPrefix + id);

    public string Volume(string name) => Path.Combine(Volumes, name);

    public string VolumeData(string name) => Path.Combine(Volume(name), "_data");

    public string LogFile(string id) => Path.Combine(Container(id), $"{id}-json.log");

    public static string ConfigFile(string container) => Path.Combine(container, "config.v2.json");

    public static string HostConfigFile(string container) => Path.Combine(container, "hostconfig.json");

    public static string Checkpoints(string container) => Path.Combine(container, "checkpoints");

    public static string HostnameFile(string container) => Path.Combine(container, "hostname");

    public static string HostsFile(string container) => Path.Combine(container, "hosts");

    public static string ResolverFile(string container) => Path.Combine(container, "resolv.conf");

    public static string ResolverHashFile(string container) => Path.Combine(container, "resolv.conf.hash");

    public static string ContainerMounts(string container) => Path.Combine(container, "mounts");
}
