namespace Blobs.Erofs;

/// <summary>
/// The entries of one directory in the order of the format: by the bytes of their names, where <c>.</c> and <c>..</c> are names like any
/// other. A name that begins with a dash, for example, comes before both.
/// </summary>
internal ref struct ErofsDirectoryEntries(ErofsTree tree, int directory, ReadOnlySpan<int> sorted)
{
    private readonly ReadOnlySpan<int> _sorted = sorted;
    private int _next;
    private int _dots;

    /// <summary>Name of the current entry.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Inode of the current entry.</summary>
    public int Inode { get; private set; }

    public bool MoveNext()
    {
        ReadOnlySpan<byte> dots = _dots switch { 0 => "."u8, 1 => ".."u8, _ => default };
        bool hasChild = _next < _sorted.Length;
        ReadOnlySpan<byte> child = hasChild ? tree.NameOf(_sorted[_next]) : default;
        if (!dots.IsEmpty && (!hasChild || dots.SequenceCompareTo(child) < 0))
        {
            Inode = _dots == 0 ? directory : tree.Inode(directory).Parent;
            Name = dots;
            _dots++;
            return true;
        }

        if (!hasChild)
        {
            return false;
        }

        Inode = tree.Entry(_sorted[_next]).Inode;
        Name = child;
        _next++;
        return true;
    }

    /// <summary>Bytes that a directory takes: whole blocks, and what is used of the last.</summary>
    public long MeasureBytes(int blockBytes)
    {
        long whole = 0;
        int used = 0;
        while (MoveNext())
        {
            int needed = ErofsFormat.DirentBytes + Name.Length;
            if (used + needed > blockBytes)
            {
                whole += blockBytes;
                used = 0;
            }

            used += needed;
        }

        return whole + used;
    }
}
