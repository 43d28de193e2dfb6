namespace Blobs.Tar;

/// <summary>The metadata of one member for <see cref="TarWriter"/>. Names are bytes, as in the archive.</summary>
public sealed record TarMember
{
    /// <summary>Name of the member.</summary>
    public required byte[] Name { get; init; }

    /// <summary>Type of the member.</summary>
    public TarEntryType Type { get; init; } = TarEntryType.File;

    /// <summary>Target of a symbolic or hard link.</summary>
    public byte[] LinkName { get; init; } = [];

    /// <summary>The size field: the number of payload bytes that will be written.</summary>
    public long Size { get; init; }

    /// <summary>Permission, set-id and sticky bits.</summary>
    public long Mode { get; init; } = 0b110_100_100;

    /// <summary>User id of the owner.</summary>
    public long Uid { get; init; }

    /// <summary>Group id.</summary>
    public long Gid { get; init; }

    /// <summary>Name of the owner on the system that made the archive. Some readers prefer it to the id.</summary>
    public byte[] UserName { get; init; } = [];

    /// <summary>Name of the group.</summary>
    public byte[] GroupName { get; init; } = [];

    /// <summary>Time of the last modification.</summary>
    public UnixTime ModifiedTime { get; init; }

    /// <summary>Time of the last access; not written if null.</summary>
    public UnixTime? AccessTime { get; init; }

    /// <summary>Major number of a device.</summary>
    public long DeviceMajor { get; init; }

    /// <summary>Minor number of a device.</summary>
    public long DeviceMinor { get; init; }

    /// <summary>Extended attributes, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; init; } = [];
}
