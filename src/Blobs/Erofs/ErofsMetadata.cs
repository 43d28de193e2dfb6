namespace Blobs.Erofs;

/// <summary>
/// The metadata of an image: gives every inode its place, then writes all of it in order. Inodes come first, breadth first from the
/// root, then the blocks of directories and long link targets that did not fit behind their inodes.
/// </summary>
internal sealed class ErofsMetadata(ErofsTree tree, ErofsXattrs xattrs, int blockBits, long start)
{
    private readonly int _blockBytes = 1 << blockBits;
    private readonly int[] _order = new int[tree.InodeCount];
    private readonly int[] _sorted = new int[tree.EntryCount];

    /// <summary>Where node 0 would lie.</summary>
    public long Start => start;

    /// <summary>Inodes in the image.</summary>
    public int InodeCount { get; private set; }

    /// <summary>Whether some file has a map of its chunks.</summary>
    public bool HasChunks { get; private set; }

    /// <summary>Decides where everything lies. Sizes depend on names only, so one walk is enough.</summary>
    public void Place()
    {
        Order();

        // Node 0 stays free: readdir hides entries whose number is 0.
        long position = start + ErofsFormat.InodeSlotBytes;
        foreach (int index in _order.AsSpan(0, InodeCount))
        {
            position = PlaceInode(ref tree.Inode(index), ErofsFormat.RoundUp(position, ErofsFormat.InodeSlotBytes));
        }

        long block = ErofsFormat.RoundUp(position, _blockBytes) >> blockBits;
        foreach (int index in _order.AsSpan(0, InodeCount))
        {
            ref ErofsInode inode = ref tree.Inode(index);
            if (inode.IsDirectory || inode.IsSymlink)
            {
                long count = OuterBytes(inode) >> blockBits;
                inode.Start = count == 0 ? ErofsFormat.NoBlock : checked((uint)block);
                block += count;
            }
        }
    }

    /// <summary>Writes the metadata; the output is at its start.</summary>
    public void Write(ErofsOutput output)
    {
        var directories = new ErofsDirectoryWriter(tree, output, _blockBytes, _sorted);
        uint number = 0;
        foreach (int index in _order.AsSpan(0, InodeCount))
        {
            ref readonly ErofsInode inode = ref tree.Inode(index);
            output.PadTo(start + ((long)inode.Nid * ErofsFormat.InodeSlotBytes));
            new ErofsInodeWriter(tree, output, blockBits).Write(inode, ++number);
            if (inode.Has(InodeFlags.Inline))
            {
                WriteContent(directories, output, index, isTail: true);
            }
        }

        foreach (int index in _order.AsSpan(0, InodeCount))
        {
            ref readonly ErofsInode inode = ref tree.Inode(index);
            if ((inode.IsDirectory || inode.IsSymlink) && OuterBytes(inode) > 0)
            {
                output.Align(_blockBytes);
                WriteContent(directories, output, index, isTail: false);
            }
        }

        output.Align(_blockBytes);
    }

    private void WriteContent(ErofsDirectoryWriter directories, ErofsOutput output, int index, bool isTail)
    {
        ref readonly ErofsInode inode = ref tree.Inode(index);
        if (inode.IsSymlink)
        {
            output.Write(tree.Text[inode.Content]);
            return;
        }

        long inner = inode.Has(InodeFlags.Inline) ? inode.Size >> blockBits : long.MaxValue;
        directories.Write(index, isTail ? inner : 0, isTail ? long.MaxValue : inner);
    }

    // Bytes of whole blocks outside of the inode.
    private long OuterBytes(in ErofsInode inode) => inode.Has(InodeFlags.Inline)
        ? inode.Size & -(long)_blockBytes
        : ErofsFormat.RoundUp(inode.Size, _blockBytes);

    private long PlaceInode(ref ErofsInode inode, long position)
    {
        long body = ErofsFormat.InodeBytes + tree.Text[inode.Xattrs].Length;
        if (inode.Has(InodeFlags.Sparse))
        {
            HasChunks = true;
            body += new ErofsSparseMap(tree.Text[inode.Content]).TableBytes;
        }

        long tail = inode.IsDirectory ? inode.Size & (_blockBytes - 1) : inode.IsSymlink ? inode.Size : 0;
        bool isInline = tail != 0 && body + tail <= _blockBytes;
        tail = isInline ? tail : 0;

        // The inode itself, and with a tail all of it, must lie within one block.
        long together = isInline ? body + tail : ErofsFormat.InodeBytes;
        if ((position & (_blockBytes - 1)) + together > _blockBytes)
        {
            position = ErofsFormat.RoundUp(position, _blockBytes);
        }

        inode.Flags |= InodeFlags.Placed | (isInline ? InodeFlags.Inline : InodeFlags.None);
        inode.Nid = checked((uint)((position - start) / ErofsFormat.InodeSlotBytes));
        return position + body + tail;
    }

    // Breadth first: an inode comes where a directory first names it. The entries of each directory are sorted on the way.
    private void Order()
    {
        var order = new EntryOrder(tree);
        int sorted = 0;
        Visit(ErofsTree.Root);
        for (int i = 0; i < InodeCount; i++)
        {
            int index = _order[i];
            if (!tree.Inode(index).IsDirectory)
            {
                continue;
            }

            Span<int> entries = TakeEntries(index, sorted);
            entries.Sort(order);
            tree.Inode(index).FirstEntry = sorted;
            sorted += entries.Length;
            CompleteDirectory(index, entries);
        }
    }

    private Span<int> TakeEntries(int directory, int at)
    {
        Span<int> entries = _sorted.AsSpan(at, tree.Inode(directory).EntryCount);
        int next = tree.Inode(directory).FirstEntry;
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = next;
            next = tree.Entry(next).Next;
        }

        return entries;
    }

    private void CompleteDirectory(int index, ReadOnlySpan<int> entries)
    {
        bool hidesNames = false;
        uint links = 2;
        foreach (int entry in entries)
        {
            int child = tree.Entry(entry).Inode;
            ref ErofsInode inode = ref tree.Inode(child);
            hidesNames |= inode.Has(InodeFlags.Whiteout);
            links += inode.IsDirectory ? 1u : 0;
            inode.Links++;
            if (inode.Links == 1 || inode.IsDirectory)
            {
                Visit(child);
            }
        }

        ref ErofsInode directory = ref tree.Inode(index);
        directory.Links = links;
        directory.Size = new ErofsDirectoryEntries(tree, index, entries).MeasureBytes(_blockBytes);
        if (hidesNames || directory.Has(InodeFlags.Opaque))
        {
            directory.Xattrs = tree.Text.Add(
                xattrs.WithOverlay(tree.Text[directory.Xattrs], directory.Has(InodeFlags.Opaque), hidesNames));
        }
    }

    private void Visit(int inode) => _order[InodeCount++] = inode;

    private readonly struct EntryOrder(ErofsTree tree) : IComparer<int>
    {
        public int Compare(int x, int y) => tree.NameOf(x).SequenceCompareTo(tree.NameOf(y));
    }
}
