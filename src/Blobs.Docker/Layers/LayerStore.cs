using System.Globalization;
using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>
/// The layers of a Docker data root, as one storage driver keeps them. Nothing is written until a layer comes in; reading never changes
/// anything. Safe to use from several threads.
/// </summary>
/// <remarks>Whatever changes the root takes it with <see cref="RootLock"/> for as long as that takes; around several such calls the caller
/// takes it once.</remarks>
[SupportedOSPlatform("linux")]
public sealed partial class LayerStore
{
    // 127 is a limit of some drivers; the engine keeps two for a container's own layers.
    private const int DepthMax = 125;

    private readonly HashSet<string> _told = [];

    private LayerStore(string root, LayerStoreOptions options, string driver)
    {
        Root = root;
        Options = options;
        Paths = new RootPaths(root, driver);
        Owners = OwnerMap.Of(root);
        Driver = driver switch
        {
            StorageDrivers.Overlay2 => new Overlay2Driver(Paths, Owners),
            StorageDrivers.Overlay => new OverlayDriver(Paths, Owners),
            StorageDrivers.Vfs => new VfsDriver(Paths, Owners),
            _ => throw new StoreException(root, $"{root}: no storage driver is named '{driver}'; there are overlay2, overlay and vfs"),
        };
    }

    /// <summary>The data root, as an absolute path.</summary>
    public string Root { get; }

    /// <summary>Name of the storage driver in use.</summary>
    public string DriverName => Driver.Name;

    /// <summary>What a layer may demand.</summary>
    public Limits Limits => Options.Limits;

    internal LayerStoreOptions Options { get; }

    internal RootPaths Paths { get; }

    internal ILayerDriver Driver { get; }

    /// <summary>Who the owners in layers are on this machine.</summary>
    internal OwnerMap Owners { get; }

    /// <summary>Whether layers may come in before what they stand on.</summary>
    public bool CanDetach => !Driver.NeedsParentTree;

    /// <summary>Opens a data root, which need not exist yet.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">Driver and limits; the root's own driver when null.</param>
    /// <exception cref="StoreException">The driver is none that is known, or the root is in a directory of this one, as a daemon with
    /// remapped users keeps it.</exception>
    /// <exception cref="ContainerdRootException">No driver was named, and containerd keeps the root's images.</exception>
    public static LayerStore Open(string root, LayerStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        options ??= new LayerStoreOptions();
        RemappedRoots.ThrowIfAbove(path);
        if (options.Driver is null)
        {
            ContainerdImages.ThrowIfKept(path);
        }

        return new LayerStore(path, options, options.Driver ?? DataRoot.DriverOf(path));
    }

    /// <summary>Tells whoever wants to know of it, once.</summary>
    internal void Tell(string? notice)
    {
        if (notice is null || Options.Notices is null)
        {
            return;
        }

        lock (_told)
        {
            if (!_told.Add(notice))
            {
                return;
            }
        }

        Options.Notices.Report(notice);
    }

    /// <summary>Puts on disk whatever was written to the root, unless nobody asked for that.</summary>
    internal void FlushAll()
    {
        if (Options.Durability != Durability.None)
        {
            DurableDirectory.FlushFileSystem(Root);
        }
    }

    /// <summary>Puts the names in one directory on disk, unless nobody asked for that.</summary>
    internal void FlushNames(string directory)
    {
        if (Options.Durability != Durability.None)
        {
            DurableDirectory.Flush(directory);
        }
    }

    /// <summary>Every layer that can be read, in order of ChainID. A directory that is no layer, or a damaged one, is left out, as
    /// the engine does.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public IEnumerable<Layer> Layers()
    {
        if (!FilePath.IsDirectory(Paths.Layers))
        {
            Require();
            return [];
        }

        return DirectoryList.Directories(Paths.Layers)
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)
            .Select(name => ChainId.TryParse(DigestText.Sha256Prefix + name, null, out ChainId id) ? TryGet(id) : null)
            .OfType<Layer>();
    }

    /// <summary>Requires that there is a data root with an image database of this driver: an answer from anything else would look like
    /// that of an empty one.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    internal void Require() => DataRoot.Require(Root, DriverName);

    /// <summary>The layer of that name; null when the store does not have it or has it damaged.</summary>
    /// <exception cref="IOException">The kernel cannot give it at this moment, or the disk not at all: it may well be there.</exception>
    public Layer? TryGet(ChainId id)
    {
        string layer = Paths.Layer(id);
        string? parent = SmallFile.TryReadText(RootPaths.ParentFile(layer));

        // The size is parsed as it stands, the others without the space around them: as the engine reads them.
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

    /// <summary>Finds a layer by ChainID or DiffID, whole or by the start of either.</summary>
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
        List<Layer> all = [.. Layers()];
        List<Layer> found = all.FindAll(layer => layer.ChainId.ToString().StartsWith(start, StringComparison.Ordinal));
        if (found.Count == 0)
        {
            found = all.FindAll(layer => layer.DiffId.ToString().StartsWith(start, StringComparison.Ordinal));
        }

        // The same tar upon different parents is several layers with one DiffID: any of them gives the same bytes.
        bool isUnique = found.Count > 0 && found.TrueForAll(layer => layer.DiffId == found[0].DiffId);
        return isUnique ? found[0]
            : found.Count == 0 ? throw (chainId == default ? NotFound(id) : Missing(chainId))
            : throw new StoreException(Root, $"{Root}: '{id}' is the start of {found.Count} layers ({DriverName})");
    }

    /// <summary>Keeps layers that are there, or are about to be, from being removed by others in this process.</summary>
    public IDisposable Hold(RootLock taken, IEnumerable<ChainId> layers) =>
        new LayerHolds([.. layers.Select(id => taken.Users.Hold(Paths.Layer(id)))]);

    /// <summary>Takes the root for writing, unless the caller holds it already, and tidies it before the first time.</summary>
    internal async Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken)
    {
        RootLock taken = await RootLock.WriteAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        try
        {
            taken.Users.SweepOnce(DriverName, () => Sweep(isTrial: false));
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    internal static StoreException Damaged(string path) => new(path, $"{path}: the layer cannot be read");

    /// <summary>Why a layer cannot be had: it is damaged, or it is not there.</summary>
    private BlobsException Missing(ChainId id) =>
        DirectoryPresence.IsThere(Paths.Layer(id)) ? Damaged(Paths.Layer(id)) : NotFound($"{id}");

    private NotFoundException NotFound(string id) => new(Root, $"{Root}: no layer '{id}' ({DriverName})");

    internal Layer? RequireParent(ChainId? parent)
    {
        if (parent is not { } id)
        {
            return null;
        }

        Layer layer = TryGet(id) ?? throw Missing(id);
        int depth = 1;
        for (Layer below = layer; below.Parent is { } next; depth++)
        {
            below = TryGet(next) ?? throw Missing(next);
        }

        return depth < DepthMax
            ? layer
            : throw new StoreException(
                Root, $"{Root}: max depth exceeded: {id} has {depth} layers, and {DepthMax} may stand on one another");
    }
}
