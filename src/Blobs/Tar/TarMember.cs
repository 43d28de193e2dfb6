namespace Blobs.Tar;

/// <summary>What a <see cref="TarWriter"/> is told about one member. Names are bytes, as in the archive.</summary>
internal sealed record TarMember
{
    /// <summary>Its name.</summary>
    public required byte[] Name { get; init; }

    /// <summary>What it is.</summary>
    public TarEntryType Type { get; init; } = TarEntryType.File;

    /// <summary>Its name.</summary>
    public byte[] LinkName { get; init; } = [];

    /// <summary>Bytes of payload that will be written; also the size field.</summary>
    public long Size { get; init; }

    /// <summary>Permissions.</summary>
    public long Mode { get; init; } = 0b110_100_100;

    /// <summary>Number of the owner.</summary>
    public long Uid { get; init; }

    /// <summary>Number of the group.</summary>
    public long Gid { get; init; }

    /// <summary>Name of the owner where the archive was made; readers that care put it before the number.</summary>
    public byte[] UserName { get; init; } = [];

    /// <summary>Its name.</summary>
    public byte[] GroupName { get; init; } = [];

    /// <summary>When its content last changed.</summary>
    public UnixTime ModifiedTime { get; init; }

    /// <summary>When it was last read; not written when null.</summary>
    public UnixTime? AccessTime { get; init; }

    /// <summary>Major number of a device.</summary>
    public long DeviceMajor { get; init; }

    /// <summary>Minor number of a device.</summary>
    public long DeviceMinor { get; init; }

    /// <summary>Extended attributes, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; init; } = [];
}
