using System.Text;

namespace Blobs.Interop.Inputs;

/// <summary>One member of an archive to write, with names as bytes because not every name is text.</summary>
internal sealed record TarMember(byte[] Name, char Type = '0')
{
    public TarMember(string name, char type = '0') : this(Encoding.UTF8.GetBytes(name), type)
    {
    }

    public int Mode { get; init; } = 0b110_100_100;

    public long Uid { get; init; }

    public long Gid { get; init; }

    /// <summary>Seconds since 1970; negative before.</summary>
    public long ModifiedSeconds { get; init; } = 1_700_000_000;

    /// <summary>Written as a pax time when not zero.</summary>
    public int ModifiedNanoseconds { get; init; }

    /// <summary>Written as a pax atime when present.</summary>
    public long? AccessedSeconds { get; init; }

    public byte[] Link { get; init; } = [];

    public byte[] Content { get; init; } = [];

    /// <summary>What the header claims, where that is not the length of <see cref="Content"/>.</summary>
    public long? Size { get; init; }

    public int DeviceMajor { get; init; }

    public int DeviceMinor { get; init; }

    /// <summary>SCHILY.xattr records, the only attributes an engine knows.</summary>
    public IReadOnlyList<(string Name, byte[] Value)> Attributes { get; init; } = [];

    /// <summary>Records for a pax header as they are, after the ones that the other properties ask for.</summary>
    public IReadOnlyList<(string Key, byte[] Value)> Records { get; init; } = [];

    /// <summary>GNU long names and base-256 numbers in place of pax records.</summary>
    public bool Gnu { get; init; }
}
