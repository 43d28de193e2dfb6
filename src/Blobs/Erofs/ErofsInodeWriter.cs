using System.Buffers.Binary;

namespace Blobs.Erofs;

/// <summary>Writes inodes, in the form of 64 bytes: the short form has no time of its own before Linux 6.15.</summary>
internal readonly struct ErofsInodeWriter(ErofsTree tree, ErofsOutput output, int blockBits)
{
    /// <summary>Writes an inode, its extended attributes, and the map of a sparse file.</summary>
    /// <param name="inode">The inode.</param>
    /// <param name="number">Its number in the order of the image.</param>
    public void Write(in ErofsInode inode, uint number)
    {
        ReadOnlySpan<byte> xattrs = tree.Text[inode.Xattrs];
        Span<byte> bytes = stackalloc byte[ErofsFormat.InodeBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(ErofsFormat.ExtendedInode | (LayoutOf(inode) << 1)));
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes[2..], (ushort)(xattrs.IsEmpty ? 0 : ((xattrs.Length - ErofsFormat.XattrHeaderBytes) / sizeof(uint)) + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], inode.Mode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], inode.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], PlaceOf(inode));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], inode.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], inode.Gid);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], inode.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], inode.Nanoseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[44..], inode.Links);
        output.Write(bytes);
        output.Write(xattrs);
        if (inode.Has(InodeFlags.Sparse))
        {
            new ErofsSparseMap(tree.Text[inode.Content]).WriteTable(output, blockBits);
        }
    }

    private static int LayoutOf(in ErofsInode inode) => inode.Has(InodeFlags.Sparse) ? ErofsFormat.ChunkBased
        : inode.Has(InodeFlags.Inline) ? ErofsFormat.FlatInline
        : ErofsFormat.FlatPlain;

    private uint PlaceOf(in ErofsInode inode) => inode.Has(InodeFlags.Sparse)
        ? (uint)(new ErofsSparseMap(tree.Text[inode.Content]).ChunkBits - blockBits)
        : inode.Start;
}
