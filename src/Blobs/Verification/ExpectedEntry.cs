using Blobs.Tar;

namespace Blobs.Verification;

/// <summary>What a layer's tar says of one thing in its tree, all its members about it taken together.</summary>
internal sealed class ExpectedEntry
{
    public required TarEntryType Type { get; init; }

    public uint Mode { get; set; }

    public uint User { get; set; }

    public uint Group { get; set; }

    public UnixTime Modified { get; set; }

    public byte[] Target { get; init; } = [];

    public (uint Major, uint Minor) Device { get; init; }

    /// <summary>Null when there are none, as almost always.</summary>
    public Dictionary<string, byte[]>? Xattrs { get; private set; }

    /// <summary>Stands for a name that lower layers have and this one has not.</summary>
    public bool IsWhiteout { get; init; }

    /// <summary>Takes what a header says that may be said again: by a hard link to the same file.</summary>
    public void Take(TarEntry entry)
    {
        const uint PermissionBits = 0xfff;
        Mode = (uint)entry.Mode & PermissionBits;
        User = (uint)entry.Uid;
        Group = (uint)entry.Gid;
        Modified = entry.ModifiedTime;
        for (int i = 0; i < entry.XattrCount; i++)
        {
            Xattrs ??= [];
            Xattrs[System.Text.Encoding.UTF8.GetString(entry.XattrName(i))] = entry.XattrValue(i).ToArray();
        }
    }
}
