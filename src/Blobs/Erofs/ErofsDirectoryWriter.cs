using System.Buffers.Binary;

namespace Blobs.Erofs;

/// <summary>Writes the blocks of directories.</summary>
internal sealed class ErofsDirectoryWriter(ErofsTree tree, ErofsOutput output, int blockBytes, int[] sorted)
{
    private readonly byte[] _names = new byte[blockBytes];
    private readonly byte[] _dirents = new byte[blockBytes];
    private int _namesUsed;
    private int _direntsUsed;

    /// <summary>Writes some of the blocks of a directory. The last is not padded.</summary>
    /// <param name="directory">Its inode.</param>
    /// <param name="first">The first block that is written.</param>
    /// <param name="end">The first block after those.</param>
    public void Write(int directory, long first, long end)
    {
        ref readonly ErofsInode inode = ref tree.Inode(directory);
        var entries = new ErofsDirectoryEntries(tree, directory, sorted.AsSpan(inode.FirstEntry, inode.EntryCount));
        long block = 0;
        while (entries.MoveNext())
        {
            int used = _namesUsed + _direntsUsed;
            if (used + ErofsFormat.DirentBytes + entries.Name.Length > blockBytes)
            {
                End(block >= first && block < end, blockBytes - used);
                block++;
            }

            Add(entries.Name, entries.Inode);
        }

        End(block >= first && block < end, 0);
    }

    private void Add(ReadOnlySpan<byte> name, int inode)
    {
        Span<byte> dirent = _dirents.AsSpan(_direntsUsed, ErofsFormat.DirentBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(dirent, tree.Inode(inode).Nid);
        BinaryPrimitives.WriteUInt16LittleEndian(dirent[8..], (ushort)_namesUsed);
        dirent[10] = ErofsFormat.DirentType(tree.Inode(inode).Mode);
        dirent[11] = 0;
        name.CopyTo(_names.AsSpan(_namesUsed));
        _direntsUsed += ErofsFormat.DirentBytes;
        _namesUsed += name.Length;
    }

    // Names lie behind all entries of their block, so their offsets are known only now.
    private void End(bool isWritten, int padding)
    {
        if (isWritten)
        {
            for (int i = 0; i < _direntsUsed; i += ErofsFormat.DirentBytes)
            {
                Span<byte> nameOffset = _dirents.AsSpan(i + 8);
                ushort offset = BinaryPrimitives.ReadUInt16LittleEndian(nameOffset);
                BinaryPrimitives.WriteUInt16LittleEndian(nameOffset, (ushort)(offset + _direntsUsed));
            }

            output.Write(_dirents.AsSpan(0, _direntsUsed));
            output.Write(_names.AsSpan(0, _namesUsed));
            output.PadTo(output.Position + padding);
        }

        _namesUsed = 0;
        _direntsUsed = 0;
    }
}
