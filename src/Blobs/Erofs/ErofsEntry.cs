namespace Blobs.Erofs;

/// <summary>One directory entry of an image that is being written: a name of an inode.</summary>
internal struct ErofsEntry
{
    /// <summary>The directory's inode.</summary>
    public int Directory;

    /// <summary>The name, as a piece of <see cref="ErofsText"/>.</summary>
    public int Name;

    public int Inode;

    /// <summary>The next entry of the same directory, or -1.</summary>
    public int Next;

    public uint Hash;
}
