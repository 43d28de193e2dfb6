using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>
/// The overlay driver, dockerd's first driver for overlayfs, in the form of dockerd 20.10: see <see cref="RootPaths"/>.
/// Each image layer's directory holds the whole tree up to that layer. Files from the layer below are hard-linked, so a
/// mount needs only one lower directory.
/// </summary>
/// <remarks>Files are shared with all layers above, so they are replaced and never modified.</remarks>
internal sealed class OverlayDriver(RootPaths paths, OwnerMap owners) : ILayerDriver
{
    public string Name => StorageDrivers.Overlay;

    public string Home => paths.Driver;

    public string PathOf(string id) => paths.DriverLayer(id);

    public WhiteoutFormat Whiteouts => WhiteoutFormat.AppliedToShared;

    public bool NeedsParentTree => true;

    public void Create(string cacheId, string? parentCacheId, MadeDirectories made)
    {
        DriverDirectories.Ensure(made, paths.Driver, owners);
        var own = new MadeDirectories();
        own.Ensure(paths.DriverLayer(cacheId), Modes.Passable);
        owners.LetThrough(paths.DriverLayer(cacheId));
        own.Ensure(paths.OverlayRoot(cacheId), Modes.Open);
        owners.GiveToRoot(paths.OverlayRoot(cacheId));
        if (parentCacheId is not null)
        {
            // A layer that a BuildKit build step made is a read-write layer. Its tree is visible only through a mount,
            // and files cannot be hard-linked out of a mount.
            bool isOnImage = FilePath.IsDirectory(paths.OverlayRoot(parentCacheId));
            using DirectoryHandle source = LayerView.Open(this, parentCacheId);
            using DirectoryHandle target = DirectoryHandle.Open(paths.OverlayRoot(cacheId));
            new TreeCopier(linkFiles: isOnImage).Copy(source, target);
        }
    }

    public void BindParent(string cacheId, string parentCacheId) =>
        throw new InvalidOperationException("A tree of overlay begins with its parent's.");

    public void CreateReadWrite(string id, string? parentId, MadeDirectories made)
    {
        if (parentId is null)
        {
            Create(id, null, made);
            return;
        }

        DriverDirectories.Ensure(made, paths.Driver, owners);
        string layer = paths.DriverLayer(id);
        string upper = paths.OverlayUpper(id);
        bool isOnImage = FilePath.IsDirectory(paths.OverlayRoot(parentId));
        string parentTree = TreeOf(parentId);
        var own = new MadeDirectories();
        own.Ensure(layer, Modes.Passable);
        owners.LetThrough(layer);
        own.Ensure(upper, FilePath.ModeOf(parentTree));
        owners.GiveToRoot(upper);
        own.Ensure(RootPaths.WorkDirectory(layer), Modes.Private);
        owners.GiveToRoot(RootPaths.WorkDirectory(layer));

        // There is only one lower directory. A read-write layer on top of another one uses the same image layer, and
        // begins as a copy of the other.
        string lowerId = isOnImage ? parentId : LowerIdOf(parentId);
        SmallFile.Create(RootPaths.LowerIdFile(layer), lowerId, Modes.PrivateFile);
        if (!isOnImage)
        {
            using DirectoryHandle source = DirectoryHandle.Open(parentTree);
            using DirectoryHandle target = DirectoryHandle.Open(upper);
            new TreeCopier().Copy(source, target);
        }
    }

    public string TreeOf(string id) => FilePath.IsDirectory(paths.OverlayRoot(id)) ? paths.OverlayRoot(id) : paths.OverlayUpper(id);

    public OverlayMount? MountOf(string id) => FilePath.IsDirectory(paths.OverlayRoot(id)) ? null : new OverlayMount
    {
        Home = paths.Driver,
        Lowers = [RootPaths.RootDirectory(LowerIdOf(id))],
        Upper = RootPaths.UpperDirectory(id),
        Work = RootPaths.WorkDirectory(id),
        Merged = RootPaths.MergedDirectory(id),
        Owners = owners,
    };

    // The upper directory begins as a copy, so it contains more than the changes.
    public bool ShowsChanges(string id, string? parentId) => false;

    public IReadOnlyDictionary<string, string>? Describe(string id)
    {
        string layer = paths.DriverLayer(id);
        return FilePath.IsDirectory(paths.OverlayRoot(id))
            ? new Dictionary<string, string> { ["RootDir"] = paths.OverlayRoot(id) }
            : new Dictionary<string, string>
            {
                ["LowerDir"] = paths.OverlayRoot(LowerIdOf(id)),
                ["MergedDir"] = RootPaths.MergedDirectory(layer),
                ["UpperDir"] = paths.OverlayUpper(id),
                ["WorkDir"] = RootPaths.WorkDirectory(layer),
            };
    }

    public long SizeOf(TreeWriter tree) => tree.HeaderBytes;

    public Action MarkParent(string? parentCacheId) => () => { };

    public void Remove(string id)
    {
        string layer = paths.DriverLayer(id);
        LayerMounts.DetachLeftover(RootPaths.MergedDirectory(layer));
        TreeRemover.Remove(layer);
    }

    public IEnumerable<string> Ids() => DriverDirectories.NamesIn(Home);

    public IEnumerable<string> LowersOf(string id) => FilePath.IsFile(RootPaths.LowerIdFile(paths.DriverLayer(id))) ? [LowerIdOf(id)] : [];

    public IEnumerable<string> UnusedLinks() => [];

    private string LowerIdOf(string id) => SmallFile.ReadText(RootPaths.LowerIdFile(paths.DriverLayer(id))).Trim();
}
