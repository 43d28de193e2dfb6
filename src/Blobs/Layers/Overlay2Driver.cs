using Blobs.Errors;
using Blobs.Files;

namespace Blobs.Layers;

/// <summary>
/// Each layer only its own files, in overlayfs's form; the kernel puts them one upon another. Byte for byte what dockerd 20.10
/// writes: see <see cref="LayerPaths"/>.
/// </summary>
internal sealed class Overlay2Driver(LayerPaths paths) : ILayerDriver
{
    // Mount options must fit into a page: 128 lower layers of 28 bytes, and 512 bytes for the rest.
    private const int LowerLayersMax = 128;

    public string Name => "overlay2";

    public WhiteoutFormat Whiteouts => WhiteoutFormat.Overlay;

    public bool NeedsParentTree => false;

    public void Create(string cacheId, string? parentCacheId, MadeDirectories made)
    {
        made.Ensure(paths.Driver, Modes.Passable);
        made.Ensure(paths.Overlay2Links, Modes.Private);
        string layer = paths.Overlay2Layer(cacheId);
        string linkId = LinkId.Create();
        var own = new MadeDirectories();
        own.Ensure(layer, Modes.Passable);
        own.Ensure(paths.Overlay2Diff(cacheId), Modes.Open);

        // The name of the link is known to Remove before the link is there.
        SmallFile.Create(LayerPaths.LinkFile(layer), linkId);
        File.CreateSymbolicLink(paths.Overlay2Link(linkId), LayerPaths.Overlay2LinkTarget(cacheId));
        if (parentCacheId is not null)
        {
            BindParent(cacheId, parentCacheId);
        }
    }

    public void BindParent(string cacheId, string parentCacheId)
    {
        string layer = paths.Overlay2Layer(cacheId);
        new MadeDirectories().Ensure(LayerPaths.WorkDirectory(layer), Modes.Private);
        SmallFile.Create(LayerPaths.LowerFile(layer), LowerOfChild(parentCacheId));
    }

    public string TreeOf(string cacheId) => paths.Overlay2Diff(cacheId);

    public long SizeOf(TreeWriter tree) => tree.FileBytes;

    public Action MarkParent(string? parentCacheId)
    {
        if (parentCacheId is null)
        {
            return () => { };
        }

        string committed = LayerPaths.CommittedFile(paths.Overlay2Layer(parentCacheId));
        if (File.Exists(committed))
        {
            return () => { };
        }

        SmallFile.Create(committed, "", Modes.PrivateFile);
        return () => File.Delete(committed);
    }

    public void Remove(string cacheId)
    {
        string layer = paths.Overlay2Layer(cacheId);
        string linkFile = LayerPaths.LinkFile(layer);
        string linkId = File.Exists(linkFile) ? File.ReadAllText(linkFile).Trim() : "";
        if (linkId.Length > 0)
        {
            // Without a name this would be the directory of all links.
            File.Delete(paths.Overlay2Link(linkId));
        }

        TreeRemover.Remove(layer);
    }

    private string LowerOfChild(string parentCacheId)
    {
        string parent = paths.Overlay2Layer(parentCacheId);
        string lower = $"l/{File.ReadAllText(LayerPaths.LinkFile(parent)).Trim()}";
        string lowerFile = LayerPaths.LowerFile(parent);
        if (File.Exists(lowerFile))
        {
            lower = $"{lower}:{File.ReadAllText(lowerFile).Trim()}";
        }

        return lower.AsSpan().Count(':') < LowerLayersMax
            ? lower
            : throw new StoreException(parent, $"max depth exceeded: overlay2 allows {LowerLayersMax} lower layers");
    }
}
