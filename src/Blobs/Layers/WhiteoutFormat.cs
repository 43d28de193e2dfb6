namespace Blobs.Layers;

/// <summary>What becomes of a whiteout when a layer is unpacked.</summary>
internal enum WhiteoutFormat
{
    /// <summary>Marks that overlayfs understands: a character device 0/0, an attribute on the directory.</summary>
    Overlay,

    /// <summary>The deed itself: what lower layers left there is removed.</summary>
    Applied,
}
