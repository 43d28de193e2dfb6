namespace Blobs.Tar;

/// <summary>What a <see cref="TarWriter"/> is told about one member. Names are bytes, as in the archive.</summary>
internal sealed record TarMember
{
    public required byte[] Name { get; init; }

    public TarEntryType Type { get; init; } = TarEntryType.File;

    public byte[] LinkName { get; init; } = [];

    /// <summary>Bytes of payload that will be written; also the size field.</summary>
    public long Size { get; init; }

    public long Mode { get; init; } = 0b110_100_100;

    public long Uid { get; init; }

    public long Gid { get; init; }

    /// <summary>Name of the owner where the archive was made; readers that care put it before the number.</summary>
    public byte[] UserName { get; init; } = [];

    public byte[] GroupName { get; init; } = [];

    public UnixTime ModifiedTime { get; init; }

    public UnixTime? AccessTime { get; init; }

    public long DeviceMajor { get; init; }

    public long DeviceMinor { get; init; }

    public IReadOnlyList<KeyValuePair<string, byte[]>> Xattrs { get; init; } = [];
}
