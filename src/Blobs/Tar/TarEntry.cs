using System.Buffers;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <summary>
/// One member of an archive, after its pax records and GNU long names were merged in. The reader reuses one object for all
/// entries: copy what must outlive the call that received it.
/// </summary>
public sealed class TarEntry
{
    internal TarEntry()
    {
    }

    /// <summary>The type flag; <see cref="TarEntryType.File"/> for NUL.</summary>
    public TarEntryType Type { get; internal set; }

    /// <summary>The name's bytes as they stand in the archive, ustar prefix joined with a slash: any leading <c>/</c> or
    /// <c>./</c> and trailing slash kept, not always UTF-8.</summary>
    public ReadOnlySpan<byte> Name => NameBytes.WrittenSpan;

    /// <summary>Target of a symbolic or hard link, as it stands in the archive.</summary>
    public ReadOnlySpan<byte> LinkName => LinkBytes.WrittenSpan;

    /// <summary>Bytes of the file once unpacked: for a sparse entry with its holes. Header-only types may carry a size
    /// that means nothing.</summary>
    public long Size { get; internal set; }

    /// <summary>Bytes of payload that follow in the archive; 0 for types that are only a header, whatever their size field says.</summary>
    public long StoredBytes { get; internal set; }

    /// <summary>Permission bits with set-id and sticky bits; other bits of the field are passed on.</summary>
    public long Mode { get; internal set; }

    /// <summary>Owner's number.</summary>
    public long Uid { get; internal set; }

    /// <summary>Group's number.</summary>
    public long Gid { get; internal set; }

    /// <summary>Major number of a device.</summary>
    public long DeviceMajor { get; internal set; }

    /// <summary>Minor number of a device.</summary>
    public long DeviceMinor { get; internal set; }

    /// <summary>Time of the last change of content.</summary>
    public UnixTime ModifiedTime { get; internal set; }

    /// <summary>Time of the last access, where the archive has one.</summary>
    public UnixTime? AccessTime { get; internal set; }

    /// <summary>Whether the payload is only the runs of <see cref="SparseMap"/>.</summary>
    public bool IsSparse { get; internal set; }

    /// <summary>The runs of data of a sparse entry, ascending and inside <see cref="Size"/>; their lengths may add up to
    /// less than <see cref="StoredBytes"/>, the rest is then filler.</summary>
    public ReadOnlySpan<SparseChunk> SparseMap => SparseChunks.WrittenSpan;

    /// <summary>How many extended attributes the entry has.</summary>
    public int XattrCount => XattrRanges.WrittenCount;

    /// <summary>Offset of the entry's own header block in the uncompressed stream.</summary>
    public long HeaderOffset { get; internal set; }

    internal ArrayPoolBufferWriter<byte> NameBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<byte> LinkBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<SparseChunk> SparseChunks { get; } = new(16);

    internal ArrayPoolBufferWriter<byte> XattrBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<XattrRange> XattrRanges { get; } = new(8);

    /// <summary>Name of the extended attribute at <paramref name="index"/>, such as <c>security.capability</c>.</summary>
    public ReadOnlySpan<byte> XattrName(int index)
    {
        XattrRange range = XattrRanges.WrittenSpan[index];
        return XattrBytes.WrittenSpan.Slice(range.Start, range.NameLength);
    }

    /// <summary>Value of the extended attribute at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> XattrValue(int index)
    {
        XattrRange range = XattrRanges.WrittenSpan[index];
        return XattrBytes.WrittenSpan.Slice(range.Start + range.NameLength, range.ValueLength);
    }

    internal void Reset(long headerOffset)
    {
        HeaderOffset = headerOffset;
        StoredBytes = 0;
        DeviceMajor = 0;
        DeviceMinor = 0;
        AccessTime = null;
        IsSparse = false;
        SparseChunks.Clear();
        XattrBytes.Clear();
        XattrRanges.Clear();
    }

    internal void SetName(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        NameBytes.Clear();
        if (!prefix.IsEmpty)
        {
            NameBytes.Write(prefix);
            NameBytes.Write("/"u8);
        }

        NameBytes.Write(name);
    }

    internal void SetLinkName(ReadOnlySpan<byte> linkName)
    {
        LinkBytes.Clear();
        LinkBytes.Write(linkName);
    }

    internal void AddXattr(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int start = XattrBytes.WrittenCount;
        XattrBytes.Write(name);
        XattrBytes.Write(value);
        XattrRanges.Write([new XattrRange(start, name.Length, value.Length)]);
    }

    internal void Dispose()
    {
        NameBytes.Dispose();
        LinkBytes.Dispose();
        SparseChunks.Dispose();
        XattrBytes.Dispose();
        XattrRanges.Dispose();
    }

    internal readonly record struct XattrRange(int Start, int NameLength, int ValueLength);
}
