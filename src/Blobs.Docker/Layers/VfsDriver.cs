using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>The vfs driver. Each layer is a plain directory with the whole tree up to that layer, for tools that only
/// want a tree.</summary>
internal sealed class VfsDriver(RootPaths paths, OwnerMap owners) : ILayerDriver
{
    public string Name => StorageDrivers.Vfs;

    public string Home => paths.VfsTrees;

    public string PathOf(string id) => paths.VfsTree(id);

    public WhiteoutFormat Whiteouts => WhiteoutFormat.Applied;

    public bool NeedsParentTree => true;

    public void Create(string cacheId, string? parentCacheId, MadeDirectories made)
    {
        DriverDirectories.Ensure(made, paths.Driver, owners);
        DriverDirectories.Ensure(made, paths.VfsTrees, owners);
        new MadeDirectories().Ensure(paths.VfsTree(cacheId), Modes.Open);
        owners.GiveToRoot(paths.VfsTree(cacheId));
        if (parentCacheId is not null)
        {
            using DirectoryHandle source = DirectoryHandle.Open(paths.VfsTree(parentCacheId));
            using DirectoryHandle target = DirectoryHandle.Open(paths.VfsTree(cacheId));
            new TreeCopier().Copy(source, target);
        }
    }

    public void BindParent(string cacheId, string parentCacheId) =>
        throw new InvalidOperationException("A tree of vfs begins with its parent's.");

    public void CreateReadWrite(string id, string? parentId, MadeDirectories made) => Create(id, parentId, made);

    public string TreeOf(string id) => paths.VfsTree(id);

    public OverlayMount? MountOf(string id) => null;

    public bool ShowsChanges(string id, string? parentId) => false;

    public IReadOnlyDictionary<string, string>? Describe(string id) => null;

    public long SizeOf(TreeWriter tree) => tree.HeaderBytes;

    public Action MarkParent(string? parentCacheId) => () => { };

    public void Remove(string id) => TreeRemover.Remove(paths.VfsTree(id));

    public IEnumerable<string> Ids() => DriverDirectories.NamesIn(Home);

    public IEnumerable<string> LowersOf(string id) => [];

    public IEnumerable<string> UnusedLinks() => [];
}
