namespace Blobs.Interop.Replay;

/// <summary>One step that a disk may or may not have taken when the machine stopped.</summary>
/// <param name="Text">What it did, to people.</param>
internal abstract record Operation(string Text)
{
    /// <summary>Where in the log it begins.</summary>
    public int Started { get; init; }

    /// <summary>Where in the log it is over.</summary>
    public int Ended { get; init; }

    public abstract void Apply(DiskState disk);

    /// <summary>Whether syncing an inode puts this on disk.</summary>
    public virtual bool IsOf(int inode) => false;
}

/// <summary>A name comes to be, of something new or old.</summary>
internal sealed record EnterName(string Text, int Directory, string Name, int Target) : Operation(Text)
{
    public override void Apply(DiskState disk) => disk.Names(Directory)[Name] = Target;

    public override bool IsOf(int inode) => inode == Directory;
}

internal sealed record RemoveName(string Text, int Directory, string Name) : Operation(Text)
{
    public override void Apply(DiskState disk) => disk.Names(Directory).Remove(Name);

    public override bool IsOf(int inode) => inode == Directory;
}

/// <summary>A rename: both names or neither, on every file system with a journal.</summary>
internal sealed record MoveName(string Text, int Directory, string Name, int NewDirectory, string NewName, int Target) : Operation(Text)
{
    public override void Apply(DiskState disk)
    {
        disk.RemoveNames(Target, Directory, Name);
        disk.Names(NewDirectory)[NewName] = Target;
    }

    public override bool IsOf(int inode) => inode == Directory || inode == NewDirectory;
}

/// <summary>Bytes of a file.</summary>
internal sealed record WriteBytes(string Text, int File, long Offset, byte[] Bytes) : Operation(Text)
{
    public override void Apply(DiskState disk) => disk.Change(File, inode => inode.WithBytes(Offset, Bytes));

    /// <summary>A length that came to disk before the blocks did: half of the bytes, zeros for the rest or nothing.</summary>
    public WriteBytes Torn(bool hasLength) =>
        this with { Bytes = hasLength ? [.. Bytes[..(Bytes.Length / 2)], .. new byte[Bytes.Length - (Bytes.Length / 2)]] : Bytes[..(Bytes.Length / 2)] };

    public override bool IsOf(int inode) => inode == File;
}

internal sealed record SetLength(string Text, int File, long Length) : Operation(Text)
{
    public override void Apply(DiskState disk) => disk.Change(File, inode => inode.WithLength(Length));

    public override bool IsOf(int inode) => inode == File;
}

/// <summary>Mode, owner, times or an attribute.</summary>
internal sealed record ChangeInode(string Text, int Target, Func<Inode, Inode> Change) : Operation(Text)
{
    public override void Apply(DiskState disk) => disk.Change(Target, Change);

    public override bool IsOf(int inode) => inode == Target;
}

/// <summary>What is asked for here and was over before is on disk once this is over.</summary>
/// <param name="Text">What it did, to people.</param>
/// <param name="Target">The inode, or null for all of the file system.</param>
internal sealed record Sync(string Text, int? Target) : Operation(Text)
{
    public override void Apply(DiskState disk)
    {
    }

    public bool Covers(Operation operation) => operation.Ended < Started && (Target is not int inode || operation.IsOf(inode));
}
