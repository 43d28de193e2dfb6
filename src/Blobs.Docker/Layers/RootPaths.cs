using System.Globalization;
using System.Security.Cryptography;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>
/// Builds the paths of everything in a data root; no other file builds them.
/// <code>
/// ROOT/
///   image/DRIVER/                         one image database per driver, 0700
///     repositories.json                   names, and the image that each one refers to
///     imagedb/                            0700
///       content/sha256/HEX                an image's config, as received; HEX is its SHA-256, the image's id
///       metadata/sha256/HEX/              0700, other data about an image
///         parent                          id of the image it was made from
///         lastUpdated                     when it was last given a name
///     distribution/                       0700
///       diffid-by-digest/sha256/HEX       DiffID of the layer that a blob of this digest holds
///       v2metadata-by-diffid/sha256/HEX   which blobs in which repositories hold this layer
///     layerdb/                            0700
///       sha256/CHAIN-HEX/                 0700, a layer
///         diff                            its DiffID
///         size                            total size of its files in bytes, decimal
///         cache-id                        its directory in the driver
///         parent                          ChainID of the layer below; absent at the bottom
///         tar-split.json.gz               the recording that rebuilds its tar
///       sha256/CHAIN-HEX-HEX-removing/    a layer being removed
///       mounts/NAME/                      a read-write layer, by the name of its container, 0755
///         mount-id                        its directory in the driver
///         init-id                         MOUNT-ID-init: the layer between it and the image
///         parent                          ChainID of the image's top layer
///       tmp/write-set-NUMBER/             a layer being created
///       tmp/release-CHAIN-HEX             empty: whatever needs that layer is being removed
///   overlay2/                             0710
///     CACHE-ID/                           0710
///       diff/                             the layer's own files
///       link                              the name of its link below l/
///       lower                             l/NAME:l/NAME… of the layers below, the nearest first
///       work/                             for overlayfs
///       merged/                           the mount point, while mounted
///       committed                         empty: this layer has a layer above it
///     l/NAME -> ../CACHE-ID/diff
///   overlay/                              0710
///     CACHE-ID/                           0710, a layer of an image
///       root/                             the whole tree up to this layer, files shared with the parent's
///     MOUNT-ID/                           0710, a read-write layer
///       lower-id                          the image layer below it
///       upper/  work/  merged/            its own files, and the others as in overlay2
///   vfs/dir/CACHE-ID/                     the whole tree up to this layer
///   containers/                           0710
///     ID/                                 0710
///       config.v2.json                    0600, its configuration and state
///       hostconfig.json                   its host configuration
///       checkpoints/                      0700
///       hostname                          this and the next three are added at start
///       hosts
///       resolv.conf
///       resolv.conf.hash
///       ID-json.log                       0640, its output
///       mounts/                           0710
///   volumes/                              0701
///     NAME/_data/                         0701 and 0755, or as that path is in the image
///     metadata.db                         a database that a running Docker daemon keeps locked
///   containerd/daemon/…/meta.db           the database of the containerd that it starts
///   buildkit/                             the build cache
///     snapshots.db                        the layers and directories it has
///     metadata_v2.db                      a description of what made each of them
///   tmp/                                  0700
///     .tmp-ID/                            a container being created or removed
///   UID.GID/                              the data root of a Docker daemon with user namespace remapping
/// </code>
/// Small files have no trailing newline, because some readers would treat it as part of the value.
/// </summary>
internal sealed class RootPaths(string root, string driver)
{
    public const string ImagesName = "image";

    public const string ContainersName = "containers";

    public const string TemporaryPrefix = "write-set-";

    public const string ReleasePrefix = "release-";

    public const string RemovingSuffix = "-removing";

    public const string InitSuffix = "-init";

    /// <summary>The suffix of the name of a build step's read-write layer, after a random id. Once the process has
    /// ended, nothing uses the layer.</summary>
    public const string StepSuffix = "-step";

    /// <summary>The prefix of a container's hidden directory, before its id, while it is created or removed.</summary>
    public const string HiddenPrefix = ".tmp-";

    /// <summary>The paths that exist only in the data root of a Docker daemon that uses the containerd image
    /// store.</summary>
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

    /// <summary>The databases of the Docker daemon and of the containerd that it starts.</summary>
    public static string[] DaemonDatabases(string root) =>
    [
        Path.Combine(root, "volumes", "metadata.db"),
        Path.Combine(root, "containerd", "daemon", "io.containerd.metadata.v1.bolt", "meta.db"),
    ];

    public static string BuildSnapshots(string root) => Path.Combine(root, "buildkit", "snapshots.db");

    public static string BuildMetadata(string root) => Path.Combine(root, "buildkit", "metadata_v2.db");

    /// <summary>The data root of a Docker daemon with user namespace remapping, given the name that
    /// <see cref="Files.OwnerMap"/> uses.</summary>
    public static string Remapped(string root, string owners) => Path.Combine(root, owners);

    /// <summary>Whether a name refers to an entry of a single directory and nothing else. Prevents a damaged store from
    /// producing arbitrary paths.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAny("/\0") && name is not "." and not "..";

    // Images.
    public string Content(Digest id) => Path.Combine(Contents, id.Hex);

    public string Metadata(Digest id) => Path.Combine(AllMetadata, id.Hex);

    public string DiffIdFile(Digest blob) => Path.Combine(DiffIds, DigestText.NameOf(blob.Algorithm), blob.Hex);

    public string BlobSourcesFile(DiffId layer) => Path.Combine(BlobSources, layer.Hex);

    public static string LastUpdatedFile(string metadata) => Path.Combine(metadata, "lastUpdated");

    // Layers.
    public string Layer(ChainId id) => LayerOf(id.Hex);

    /// <summary>The directory of a layer, or of its remains, given its name.</summary>
    public string LayerOf(string name) => Path.Combine(Layers, name);

    /// <summary>The directory of a layer while it is being removed; <paramref name="random"/> is 64 hex
    /// digits.</summary>
    public string Removing(ChainId id, string random) => LayerOf($"{id.Hex}-{random}{RemovingSuffix}");

    /// <summary>A new hidden directory, named as Go's MkdirTemp does.</summary>
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

    /// <summary>The parent file of a layer, a read-write layer or an image.</summary>
    public static string ParentFile(string folder) => Path.Combine(folder, "parent");

    public static string TarSplitFile(string layer) => Path.Combine(layer, "tar-split.json.gz");

    public static string MountIdFile(string mount) => Path.Combine(mount, "mount-id");

    public static string InitIdFile(string mount) => Path.Combine(mount, "init-id");

    // Drivers.

    /// <summary>A layer's directory in the overlay2 and overlay drivers.</summary>
    public string DriverLayer(string id) => Path.Combine(Driver, id);

    public string Overlay2Diff(string cacheId) => DiffDirectory(DriverLayer(cacheId));

    public string Overlay2Link(string linkId) => Path.Combine(Overlay2Links, linkId);

    /// <summary>The link's name as written in a layer's <c>lower</c> file.</summary>
    public static string Overlay2Lower(string linkId) => $"l/{linkId}";

    /// <summary>The path of a link, given its name in a <c>lower</c> file.</summary>
    public string Overlay2LinkOf(string lower) => Path.Combine(Driver, lower);

    public static string Overlay2LinkTarget(string cacheId) => $"../{cacheId}/diff";

    /// <summary>The cache id of the layer that a link points to; null if it points elsewhere.</summary>
    public static string? CacheIdOf(string? linkTarget) =>
        linkTarget?.Split('/') is ["..", var cacheId, "diff"] ? cacheId : null;

    public string OverlayRoot(string cacheId) => RootDirectory(DriverLayer(cacheId));

    public string OverlayUpper(string id) => UpperDirectory(DriverLayer(id));

    public string VfsTree(string cacheId) => Path.Combine(VfsTrees, cacheId);

    /// <summary>A directory inside a layer's directory. As with all methods below, the argument is a path, or a name
    /// for a path relative to the driver's home.</summary>
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
