namespace Blobs.Erofs;

/// <summary>What an inode is besides its mode.</summary>
[Flags]
internal enum InodeFlags : ushort
{
    None = 0,

    /// <summary>A whiteout: hides a name of lower layers.</summary>
    Whiteout = 1,

    /// <summary>A directory that hides everything that lower layers have in it.</summary>
    Opaque = 2,

    /// <summary>A file with a map of its chunks.</summary>
    Sparse = 4,

    /// <summary>Has its place in the image.</summary>
    Placed = 8,

    /// <summary>The end of its content lies behind the inode.</summary>
    Inline = 16,
}
