using Blobs.Files.Internal;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>
/// Keeps trees. The layer store asks it for a directory to unpack into, and tells it when the layer has become part of the store; until
/// then, and after a failure, <see cref="Remove"/> leaves nothing behind.
/// </summary>
internal interface ILayerDriver
{
    string Name { get; }

    /// <summary>Where the directories of layers are.</summary>
    string Home { get; }

    /// <summary>A directory there, by its name.</summary>
    string PathOf(string id);

    /// <summary>What becomes of whiteouts in this driver's trees.</summary>
    WhiteoutFormat Whiteouts { get; }

    /// <summary>Whether a layer can be unpacked only upon its parent's tree. Where not, it may come in before anybody knows what it
    /// stands on: see <see cref="BindParent"/>.</summary>
    bool NeedsParentTree { get; }

    /// <summary>Makes room for a layer of an image. What it makes above the layer's own directory it notes in
    /// <paramref name="made"/>.</summary>
    void Create(string cacheId, string? parentCacheId, MadeDirectories made);

    /// <summary>Puts a layer that was made without a parent upon one. Only for drivers that do not need the parent's tree.</summary>
    void BindParent(string cacheId, string parentCacheId);

    /// <summary>Makes room for a layer that is to be written to by programs.</summary>
    /// <param name="id">Its directory.</param>
    /// <param name="parentId">What it stands on: a layer of an image, or another of its own kind.</param>
    /// <param name="made">Takes what is made above the layer's own directory.</param>
    void CreateReadWrite(string id, string? parentId, MadeDirectories made);

    /// <summary>The directory with the layer's files, and with this driver's form of what lies below.</summary>
    string TreeOf(string id);

    /// <summary>What must be mounted to see the layer's whole tree; null when <see cref="TreeOf"/> is that.</summary>
    OverlayMount? MountOf(string id);

    /// <summary>Whether <see cref="TreeOf"/> alone says, in overlayfs's form, how the layer differs from the parent.</summary>
    bool ShowsChanges(string id, string? parentId);

    /// <summary>Where the layer's directories are, as <c>docker inspect</c> tells it; null for a driver that tells nothing.</summary>
    IReadOnlyDictionary<string, string>? Describe(string id);

    /// <summary>Bytes of the layer in the engine's count.</summary>
    long SizeOf(TreeWriter tree);

    /// <summary>The layer is about to become visible: marks its parent as used. Returns how to take that back.</summary>
    Action MarkParent(string? parentCacheId);

    /// <summary>Removes a layer's files; nothing there is no error.</summary>
    void Remove(string id);

    /// <summary>Names of all directories that layers have here, whoever made them.</summary>
    IEnumerable<string> Ids();

    /// <summary>The directories that this one cannot do without.</summary>
    IEnumerable<string> LowersOf(string id);

    /// <summary>What an interrupted creation or removal left beside the directories, and nothing points at any more.</summary>
    IEnumerable<string> LooseEnds();
}
