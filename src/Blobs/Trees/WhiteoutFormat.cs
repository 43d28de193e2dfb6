namespace Blobs.Trees;

/// <summary>What becomes of a whiteout when a layer is unpacked.</summary>
public enum WhiteoutFormat
{
    /// <summary>Marks that overlayfs understands: a character device 0/0, an attribute on the directory.</summary>
    Overlay,

    /// <summary>The deed itself: what lower layers left there is removed.</summary>
    Applied,

    /// <summary>The same, in a tree whose files are also those of lower layers: a file must become this layer's own before anything is
    /// said about it.</summary>
    AppliedToShared,
}
