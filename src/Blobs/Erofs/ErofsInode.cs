using Blobs.Files.Internal;

namespace Blobs.Erofs;

/// <summary>One inode of an image that is being written.</summary>
internal struct ErofsInode
{
    /// <summary>Bytes of content; for a symbolic link of its target.</summary>
    public long Size;

    public long Seconds;
    public uint Nanoseconds;
    public uint Uid;
    public uint Gid;

    /// <summary>The block where the content begins; the number of a device.</summary>
    public uint Start;

    /// <summary>Number of directory entries, known at the end.</summary>
    public uint Links;

    /// <summary>Where the inode lies, known at the end.</summary>
    public uint Nid;

    /// <summary>Extended attributes, as a piece of <see cref="ErofsText"/>.</summary>
    public int Xattrs;

    /// <summary>Target of a symbolic link, or map of a sparse file, as a piece of <see cref="ErofsText"/>.</summary>
    public int Content;

    /// <summary>A directory's first entry; the entries are chained. Once they are sorted: the index of the first.</summary>
    public int FirstEntry;

    public int EntryCount;

    /// <summary>A directory's parent.</summary>
    public int Parent;

    public ushort Mode;
    public InodeFlags Flags;

    public readonly bool IsDirectory => (Mode & ErofsFormat.TypeMask) == FileType.Directory;

    public readonly bool IsSymlink => (Mode & ErofsFormat.TypeMask) == FileType.Symlink;

    public readonly bool IsRegular => (Mode & ErofsFormat.TypeMask) == FileType.Regular;

    public readonly bool Has(InodeFlags flag) => (Flags & flag) != 0;
}
