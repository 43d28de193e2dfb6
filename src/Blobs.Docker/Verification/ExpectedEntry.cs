using Blobs.Tar;

namespace Blobs.Docker.Verification;

/// <summary>What a layer's tar says of one thing in its tree, all its members about it taken together.</summary>
internal sealed class ExpectedEntry
{
    public required TarEntryType Type { get; init; }

    public uint Mode { get; set; }

    /// <summary>Null where the tar says -1, which leaves the owner as it is.</summary>
    public uint? User { get; private set; }

    /// <summary>Null where the tar says -1, which leaves the group as it is.</summary>
    public uint? Group { get; private set; }

    /// <summary>How many headers had come when the last one about this did.</summary>
    public long Order { get; private set; }

    public UnixTime Modified { get; set; }

    public byte[] Target { get; init; } = [];

    public (uint Major, uint Minor) Device { get; init; }

    /// <summary>Null when there are none, as almost always.</summary>
    public Dictionary<string, byte[]>? Xattrs { get; private set; }

    /// <summary>Stands for a name that lower layers have and this one has not.</summary>
    public bool IsWhiteout { get; init; }

    /// <summary>Takes what a header says that may be said again: by a hard link to the same file, or of the same directory.</summary>
    public void Take(TarEntry entry, long order)
    {
        const uint PermissionBits = 0xfff;
        const uint Unchanged = uint.MaxValue;
        Order = order;
        Mode = (uint)entry.Mode & PermissionBits;
        User = (uint)entry.Uid is var user and not Unchanged ? user : User;
        Group = (uint)entry.Gid is var group and not Unchanged ? group : Group;
        Modified = entry.ModifiedTime;
        for (int i = 0; i < entry.XattrCount; i++)
        {
            Xattrs ??= [];
            Xattrs[System.Text.Encoding.UTF8.GetString(entry.XattrName(i))] = entry.XattrValue(i).ToArray();
        }
    }
}
