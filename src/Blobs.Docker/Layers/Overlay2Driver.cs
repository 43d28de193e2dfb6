using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>
/// The overlay2 driver. Each layer's directory holds only its own files, in overlayfs's format; the kernel stacks the
/// layers. The data is byte for byte what dockerd 20.10 writes: see <see cref="RootPaths"/>.
/// </summary>
internal sealed class Overlay2Driver(RootPaths paths, OwnerMap owners) : ILayerDriver
{
    // Mount options must fit into a page: 128 lower layers of 28 bytes, and 512 bytes for the rest.
    private const int LowerLayersMax = 128;

    public string Name => StorageDrivers.Overlay2;

    public string Home => paths.Driver;

    public string PathOf(string id) => paths.DriverLayer(id);

    public WhiteoutFormat Whiteouts => WhiteoutFormat.Overlay;

    public bool NeedsParentTree => false;

    public void Create(string cacheId, string? parentCacheId, MadeDirectories made)
    {
        DriverDirectories.Ensure(made, paths.Driver, owners);
        made.Ensure(paths.Overlay2Links, Modes.Private);
        string layer = paths.DriverLayer(cacheId);
        string linkId = LinkId.Create();
        var own = new MadeDirectories();
        own.Ensure(layer, Modes.Passable);
        owners.LetThrough(layer);
        own.Ensure(paths.Overlay2Diff(cacheId), Modes.Open);
        owners.GiveToRoot(paths.Overlay2Diff(cacheId));

        // Write the link's name before creating the link, so that Remove can always find it.
        SmallFile.Create(RootPaths.LinkFile(layer), linkId);
        File.CreateSymbolicLink(paths.Overlay2Link(linkId), RootPaths.Overlay2LinkTarget(cacheId));
        if (parentCacheId is not null)
        {
            BindParent(cacheId, parentCacheId);
        }
    }

    public void BindParent(string cacheId, string parentCacheId)
    {
        string layer = paths.DriverLayer(cacheId);
        new MadeDirectories().Ensure(RootPaths.WorkDirectory(layer), Modes.Private);
        owners.GiveToRoot(RootPaths.WorkDirectory(layer));
        SmallFile.Create(RootPaths.LowerFile(layer), LowerOfChild(parentCacheId));
    }

    public void CreateReadWrite(string id, string? parentId, MadeDirectories made)
    {
        Create(id, parentId, made);
        MarkParent(parentId);
    }

    public string TreeOf(string id) => paths.Overlay2Diff(id);

    public OverlayMount? MountOf(string id)
    {
        string layer = paths.DriverLayer(id);
        string[] lowers = LowersIn(layer);
        if (lowers.Length == 0)
        {
            return null;
        }

        string diff = RootPaths.DiffDirectory(id);
        string merged = RootPaths.MergedDirectory(id);
        return FilePath.IsFile(RootPaths.CommittedFile(layer))
            ? new OverlayMount { Home = paths.Driver, Lowers = [diff, .. lowers], Merged = merged }
            : new OverlayMount
            {
                Home = paths.Driver,
                Lowers = lowers,
                Upper = diff,
                Work = RootPaths.WorkDirectory(id),
                Merged = merged,
                Owners = owners,
            };
    }

    public bool ShowsChanges(string id, string? parentId)
    {
        string[] lowers = LowersIn(paths.DriverLayer(id));
        bool isParent = parentId is null
            ? lowers.Length == 0
            : lowers.Length > 0 && lowers[0] == LinkOf(paths.DriverLayer(parentId));
        return isParent && !OverlayFileSystem.HidesChanges;
    }

    public IReadOnlyDictionary<string, string>? Describe(string id)
    {
        string layer = paths.DriverLayer(id);
        var directories = new Dictionary<string, string>
        {
            ["MergedDir"] = RootPaths.MergedDirectory(layer),
            ["UpperDir"] = paths.Overlay2Diff(id),
            ["WorkDir"] = RootPaths.WorkDirectory(layer),
        };
        string[] lowers = [.. LowersOf(id).Select(paths.Overlay2Diff)];
        if (lowers.Length > 0)
        {
            directories["LowerDir"] = string.Join(':', lowers);
        }

        return directories;
    }

    public long SizeOf(TreeWriter tree) => tree.FileBytes;

    public Action MarkParent(string? parentCacheId)
    {
        if (parentCacheId is null)
        {
            return () => { };
        }

        string committed = RootPaths.CommittedFile(paths.DriverLayer(parentCacheId));
        if (FilePath.IsFile(committed))
        {
            return () => { };
        }

        SmallFile.Create(committed, "", Modes.PrivateFile);
        return () => File.Delete(committed);
    }

    public void Remove(string id)
    {
        string layer = paths.DriverLayer(id);
        string linkFile = RootPaths.LinkFile(layer);
        string linkId = SmallFile.TryReadText(linkFile)?.Trim() ?? "";
        if (RootPaths.IsName(linkId))
        {
            // With an empty name, this would be the directory that contains all links.
            TreeRemover.Remove(paths.Overlay2Link(linkId));
        }

        LayerMounts.DetachLeftover(RootPaths.MergedDirectory(layer));
        TreeRemover.Remove(layer);
    }

    public IEnumerable<string> Ids() =>
        DriverDirectories.NamesIn(Home).Where(name => name != Path.GetFileName(paths.Overlay2Links));

    public IEnumerable<string> LowersOf(string id)
    {
        foreach (string lower in LowersIn(paths.DriverLayer(id)))
        {
            if (RootPaths.CacheIdOf(FilePath.LinkTarget(paths.Overlay2LinkOf(lower))) is { } cacheId)
            {
                yield return cacheId;
            }
        }
    }

    public IEnumerable<string> UnusedLinks() =>
        !FilePath.IsDirectory(paths.Overlay2Links)
            ? []
            : DirectoryList.Entries(paths.Overlay2Links)
                .Where(link => FilePath.LinkTarget(link) is { } target
                    && !FilePath.IsDirectory(paths.Overlay2Link(target)));

    private static string LinkOf(string layer) => RootPaths.Overlay2Lower(SmallFile.ReadText(RootPaths.LinkFile(layer)).Trim());

    private static string[] LowersIn(string layer) =>
        SmallFile.TryReadText(RootPaths.LowerFile(layer))?.Trim().Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private string LowerOfChild(string parentCacheId)
    {
        string parent = paths.DriverLayer(parentCacheId);
        string[] lowers = [LinkOf(parent), .. LowersIn(parent)];
        return lowers.Length <= LowerLayersMax
            ? string.Join(':', lowers)
            : throw new StoreException(parent, $"{parent}: max depth exceeded: overlay2 allows {LowerLayersMax} lower layers");
    }
}
