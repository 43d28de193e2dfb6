using Blobs.Files.Internal;

namespace Blobs.Erofs;

/// <summary>Constants of the EROFS on-disk format (Linux, fs/erofs/erofs_fs.h) that images of layers need. All numbers are
/// little-endian.</summary>
internal static class ErofsFormat
{
    public const uint Magic = 0xE0F5E1E2;
    public const int SuperblockOffset = 1024;
    public const int SuperblockBytes = 128;

    /// <summary>Everything before the content of files: the superblock and the space around it.</summary>
    public const int HeaderBytes = 4096;

    public const int PlainBlockBits = 12;
    public const int TarBlockBits = 9;

    public const uint CompatChecksum = 1;
    public const uint CompatModifiedTime = 2;
    public const uint IncompatChunkedFile = 4;

    /// <summary>A block number that means none: an empty file, or a hole.</summary>
    public const uint NoBlock = uint.MaxValue;

    /// <summary>Inodes lie at multiples of this; a node id (nid) counts them.</summary>
    public const int InodeSlotBytes = 32;

    public const int InodeBytes = 64;
    public const int CompactInodeBytes = 32;
    public const int DirentBytes = 12;
    public const int NameBytesMax = 255;
    public const int SymlinkBytesMax = 4095;

    // Data layouts, and the form of an inode, as the inode's first field has them.
    public const int FlatPlain = 0;
    public const int FlatInline = 2;
    public const int ChunkBased = 4;
    public const int ExtendedInode = 1;

    public const int XattrHeaderBytes = 12;
    public const int XattrEntryHeaderBytes = 4;
    public const int XattrBytesMax = 262_148;

    public const uint TypeMask = 0xf000;
    public const uint PermissionBits = 0xfff;

    public static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>The type of an inode as its directory entries repeat it.</summary>
    public static byte DirentType(uint mode) => (mode & TypeMask) switch
    {
        FileType.Regular => 1,
        FileType.Directory => 2,
        FileType.CharacterDevice => 3,
        FileType.BlockDevice => 4,
        FileType.Fifo => 5,
        _ => 7,
    };
}
