using System.Buffers.Binary;
using Blobs.Files.Internal;

namespace Blobs.Erofs;

/// <summary>An inode of an image that is read.</summary>
/// <param name="Mode">Its type and permissions.</param>
/// <param name="Size">Bytes of its content.</param>
/// <param name="Start">The block where the content begins.</param>
/// <param name="Layout">How the content is stored.</param>
/// <param name="TailOffset">Where an inline tail begins in the image.</param>
internal readonly record struct ErofsNode(uint Mode, long Size, uint Start, int Layout, long TailOffset)
{
    public bool IsDirectory => (Mode & ErofsFormat.TypeMask) == FileType.Directory;

    public bool IsSymlink => (Mode & ErofsFormat.TypeMask) == FileType.Symlink;

    public bool IsRegular => (Mode & ErofsFormat.TypeMask) == FileType.Regular;

    /// <summary>Reads an inode of either form.</summary>
    /// <param name="bytes">The inode; at least 64 bytes.</param>
    /// <param name="offset">Where it lies in the image.</param>
    public static ErofsNode Read(ReadOnlySpan<byte> bytes, long offset)
    {
        int format = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        bool isExtended = (format & ErofsFormat.ExtendedInode) != 0;
        int xattrCount = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        int xattrBytes = xattrCount == 0 ? 0 : ErofsFormat.XattrHeaderBytes + ((xattrCount - 1) * sizeof(uint));
        return new ErofsNode(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
            isExtended ? BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            (format >> 1) & 7,
            offset + (isExtended ? ErofsFormat.InodeBytes : ErofsFormat.CompactInodeBytes) + xattrBytes);
    }
}
