using Blobs.Tar;

namespace Blobs.Docker.Verification;

/// <summary>The expected state of one file in a layer's tree, from all members of the tar that concern it.</summary>
internal sealed class ExpectedEntry
{
    public required TarEntryType Type { get; init; }

    public uint Mode { get; set; }

    /// <summary>Null if the tar has -1, which leaves the owner unchanged.</summary>
    public uint? User { get; private set; }

    /// <summary>Null if the tar has -1, which leaves the group unchanged.</summary>
    public uint? Group { get; private set; }

    /// <summary>Index of the last header that concerns it.</summary>
    public long Order { get; private set; }

    public UnixTime Modified { get; set; }

    public byte[] Target { get; init; } = [];

    public (uint Major, uint Minor) Device { get; init; }

    /// <summary>Null when there are none, as almost always.</summary>
    public Dictionary<string, byte[]>? Xattrs { get; private set; }

    /// <summary>A whiteout, which hides a name of lower layers.</summary>
    public bool IsWhiteout { get; init; }

    /// <summary>Applies the metadata of a header that may be repeated: by a hard link to the same file, or for the same
    /// directory.</summary>
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
