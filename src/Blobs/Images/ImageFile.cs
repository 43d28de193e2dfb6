using Blobs.Hashing;
using Blobs.Tar;

namespace Blobs.Images;

/// <summary>A file of an image's file system: regular, directory, link or device. Hard links are several entries with one
/// file.</summary>
public sealed class ImageFile
{
    internal ImageFile()
    {
    }

    /// <summary>The type; never a hard link.</summary>
    public TarEntryType Type { get; internal set; } = TarEntryType.File;

    /// <summary>Permission, set-id and sticky bits.</summary>
    public int Mode { get; internal set; }

    /// <summary>User id of the owner.</summary>
    public long Uid { get; internal set; }

    /// <summary>Group id.</summary>
    public long Gid { get; internal set; }

    /// <summary>Size in bytes, including holes; 0 for everything but a regular file.</summary>
    public long Size { get; internal set; }

    /// <summary>Time of the last modification.</summary>
    public UnixTime ModifiedTime { get; internal set; }

    /// <summary>Target of a symbolic link, as in the image.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; internal set; }

    /// <summary>Major number of a device.</summary>
    public long DeviceMajor { get; internal set; }

    /// <summary>Minor number of a device.</summary>
    public long DeviceMinor { get; internal set; }

    /// <summary>Extended attributes, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; internal set; } = [];

    /// <summary>Index of the layer that it is from; 0 is the base.</summary>
    public int Layer { get; internal set; }

    /// <summary>Number of entries that are this file; 0 if a higher layer hides it.</summary>
    public int LinkCount { get; internal set; }

    /// <summary>Digest of the content of a regular file; null if it was not asked for.</summary>
    public Digest? Content { get; internal set; }

    /// <summary>Whether no layer has an entry for this directory, only for something in it.</summary>
    public bool IsImplied { get; internal set; }

    /// <summary>Whether it is a hard link to a file that no layer read so far has.</summary>
    public bool IsMissing { get; internal set; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Type == TarEntryType.Directory;

    /// <summary>Where its header is in the layer's tar.</summary>
    internal long HeaderOffset { get; private set; }

    internal static bool IsRegular(TarEntryType type) =>
        type is TarEntryType.File or TarEntryType.ContiguousFile or TarEntryType.GnuSparse;

    /// <summary>Takes type, size and everything else from an entry, which is not a hard link.</summary>
    internal void Set(TarEntry entry, int layer)
    {
        SetMetadata(entry);
        Type = IsRegular(entry.Type) ? TarEntryType.File : entry.Type;
        Size = Type == TarEntryType.File ? entry.Size : 0;
        LinkTarget = entry.Type == TarEntryType.SymbolicLink ? entry.LinkName.ToArray() : default;
        DeviceMajor = entry.DeviceMajor;
        DeviceMinor = entry.DeviceMinor;
        Layer = layer;
        HeaderOffset = entry.HeaderOffset;
        IsMissing = false;
        IsImplied = false;
    }

    /// <summary>Takes what a hard link's header says about the file, as dockerd does.</summary>
    internal void SetMetadata(TarEntry entry)
    {
        const int PermissionBits = 0b111_111_111_111;
        Mode = (int)entry.Mode & PermissionBits;
        Uid = entry.Uid;
        Gid = entry.Gid;
        ModifiedTime = entry.ModifiedTime;
        Xattrs = entry.XattrCount == 0 ? [] : [.. Enumerable.Range(0, entry.XattrCount).Select(Attribute)];

        KeyValuePair<string, byte[]> Attribute(int index) =>
            new(System.Text.Encoding.UTF8.GetString(entry.XattrName(index)), entry.XattrValue(index).ToArray());
    }
}
