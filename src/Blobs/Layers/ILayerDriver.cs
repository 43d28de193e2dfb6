using Blobs.Files;

namespace Blobs.Layers;

/// <summary>
/// Keeps trees. The layer store asks it for a directory to unpack into, and tells it when the layer has become part of the store; until
/// then, and after a failure, <see cref="Remove"/> leaves nothing behind.
/// </summary>
internal interface ILayerDriver
{
    string Name { get; }

    /// <summary>What becomes of whiteouts in this driver's trees.</summary>
    WhiteoutFormat Whiteouts { get; }

    /// <summary>Whether a layer can be unpacked only upon its parent's tree. Where not, it may come in before anybody knows what it
    /// stands on: see <see cref="BindParent"/>.</summary>
    bool NeedsParentTree { get; }

    /// <summary>Makes room for a layer. What it makes above the layer's own directory it notes in <paramref name="made"/>.</summary>
    void Create(string cacheId, string? parentCacheId, MadeDirectories made);

    /// <summary>Puts a layer that was made without a parent upon one. Only for drivers that do not need the parent's tree.</summary>
    void BindParent(string cacheId, string parentCacheId);

    /// <summary>The directory with the layer's files, and with this driver's form of what lies below.</summary>
    string TreeOf(string cacheId);

    /// <summary>Bytes of the layer in the engine's count.</summary>
    long SizeOf(TreeWriter tree);

    /// <summary>The layer is about to become visible: marks its parent as used. Returns how to take that back.</summary>
    Action MarkParent(string? parentCacheId);

    /// <summary>Removes a layer's files; nothing there is no error.</summary>
    void Remove(string cacheId);
}
