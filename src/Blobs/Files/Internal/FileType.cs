using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>The type bits of a mode (inode(7)).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FileType
{
    /// <summary>Not known.</summary>
    public const uint Unknown = 0;

    /// <summary>A FIFO.</summary>
    public const uint Fifo = 0x1000;

    /// <summary>A character device.</summary>
    public const uint CharacterDevice = 0x2000;

    /// <summary>A directory.</summary>
    public const uint Directory = 0x4000;

    /// <summary>A block device.</summary>
    public const uint BlockDevice = 0x6000;

    /// <summary>A regular file.</summary>
    public const uint Regular = 0x8000;

    /// <summary>A symbolic link.</summary>
    public const uint Symlink = 0xa000;

    /// <summary>A socket.</summary>
    public const uint Socket = 0xc000;
}
