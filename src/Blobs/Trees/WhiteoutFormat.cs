namespace Blobs.Trees;

/// <summary>How a whiteout is unpacked.</summary>
public enum WhiteoutFormat
{
    /// <summary>As overlayfs represents it: a character device 0/0, or an attribute of the directory.</summary>
    Overlay,

    /// <summary>By removing what lower layers left under that name.</summary>
    Applied,

    /// <summary>As <see cref="Applied"/>, in a tree whose files are hard-linked to those of lower layers: a file is
    /// copied before its metadata changes.</summary>
    AppliedToShared,

    /// <summary>By removing what the layer itself has under that name so far. For a base layer, as in containerd: there is
    /// nothing below it to hide.</summary>
    AppliedInLayer,
}
