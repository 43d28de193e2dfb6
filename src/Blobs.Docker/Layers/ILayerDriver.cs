using Blobs.Files.Internal;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>
/// Stores the trees of layers. The layer store requests a directory to unpack into, and tells the driver when the layer
/// becomes part of the store. Before that, or after a failure, <see cref="Remove"/> leaves nothing of the layer behind.
/// </summary>
internal interface ILayerDriver
{
    string Name { get; }

    /// <summary>The directory that contains the layers' directories.</summary>
    string Home { get; }

    /// <summary>The path of a layer's directory, given its name.</summary>
    string PathOf(string id);

    /// <summary>How whiteouts are represented in this driver's trees.</summary>
    WhiteoutFormat Whiteouts { get; }

    /// <summary>Whether a layer can be unpacked only on top of its parent's tree. If false, the layer may be unpacked
    /// before its parent is known; see <see cref="BindParent"/>.</summary>
    bool NeedsParentTree { get; }

    /// <summary>Creates the directory of an image layer. Records in <paramref name="made"/> what it creates above the
    /// layer's own directory.</summary>
    void Create(string cacheId, string? parentCacheId, MadeDirectories made);

    /// <summary>Sets the parent of a layer that was created without one. Only for drivers that do not need the parent's
    /// tree.</summary>
    void BindParent(string cacheId, string parentCacheId);

    /// <summary>Creates the directory of a read-write layer.</summary>
    /// <param name="id">The name of its directory.</param>
    /// <param name="parentId">The layer below: an image layer or another read-write layer.</param>
    /// <param name="made">Records what is created above the layer's own directory.</param>
    void CreateReadWrite(string id, string? parentId, MadeDirectories made);

    /// <summary>The directory with the layer's files, and with the lower layers in whatever form this driver
    /// uses.</summary>
    string TreeOf(string id);

    /// <summary>The mount that shows the layer's whole tree; null if <see cref="TreeOf"/> already does.</summary>
    OverlayMount? MountOf(string id);

    /// <summary>Whether <see cref="TreeOf"/> alone shows, in overlayfs's format, how the layer differs from its
    /// parent.</summary>
    bool ShowsChanges(string id, string? parentId);

    /// <summary>The layer's directories as <c>docker inspect</c> shows them; null for a driver that shows
    /// none.</summary>
    IReadOnlyDictionary<string, string>? Describe(string id);

    /// <summary>The size of the layer in bytes, as dockerd counts it.</summary>
    long SizeOf(TreeWriter tree);

    /// <summary>Called before the layer becomes visible. Marks its parent as used, and returns an action that undoes
    /// this.</summary>
    Action MarkParent(string? parentCacheId);

    /// <summary>Removes a layer's files. Does nothing if there are none.</summary>
    void Remove(string id);

    /// <summary>The names of all layer directories in this driver, whatever created them.</summary>
    IEnumerable<string> Ids();

    /// <summary>The names of the directories that this one depends on.</summary>
    IEnumerable<string> LowersOf(string id);

    /// <summary>Unreferenced files that an interrupted creation or removal left outside the layers'
    /// directories.</summary>
    IEnumerable<string> UnusedLinks();
}
