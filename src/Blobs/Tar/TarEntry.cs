using System.Buffers;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <summary>
/// One entry of an archive, with its pax records and GNU long names merged in. The reader reuses one object for all entries: copy
/// what you need after the call that received it.
/// </summary>
public sealed class TarEntry
{
    internal TarEntry()
    {
    }

    /// <summary>The type flag; <see cref="TarEntryType.File"/> for NUL.</summary>
    public TarEntryType Type { get; internal set; }

    /// <summary>The name as in the archive, with the ustar prefix and a slash in front if there is one. It is not always UTF-8, and a
    /// leading <c>/</c> or <c>./</c> and a trailing slash are kept.</summary>
    public ReadOnlySpan<byte> Name => NameBytes.WrittenSpan;

    /// <summary>Target of a symbolic or hard link, as in the archive.</summary>
    public ReadOnlySpan<byte> LinkName => LinkBytes.WrittenSpan;

    /// <summary>Size of the unpacked file, in bytes; for a sparse file including its holes. It is meaningless for types that consist of
    /// a header only.</summary>
    public long Size { get; internal set; }

    /// <summary>Bytes of payload in the archive; 0 for types that consist of a header only, whatever their size field says.</summary>
    public long StoredBytes { get; internal set; }

    /// <summary>The mode field: permission, set-id and sticky bits, and any other bits that the archive has.</summary>
    public long Mode { get; internal set; }

    /// <summary>User id of the owner.</summary>
    public long Uid { get; internal set; }

    /// <summary>Group id.</summary>
    public long Gid { get; internal set; }

    /// <summary>Major number of a device.</summary>
    public long DeviceMajor { get; internal set; }

    /// <summary>Minor number of a device.</summary>
    public long DeviceMinor { get; internal set; }

    /// <summary>Time of the last modification.</summary>
    public UnixTime ModifiedTime { get; internal set; }

    /// <summary>Time of the last access, if the archive has one.</summary>
    public UnixTime? AccessTime { get; internal set; }

    /// <summary>Whether the payload holds only the runs of <see cref="SparseMap"/>.</summary>
    public bool IsSparse { get; internal set; }

    /// <summary>The runs of data of a sparse file, in ascending order and within <see cref="Size"/>. If their lengths add up to less
    /// than <see cref="StoredBytes"/>, the rest of the payload is padding.</summary>
    public ReadOnlySpan<SparseChunk> SparseMap => SparseChunks.WrittenSpan;

    /// <summary>Number of extended attributes.</summary>
    public int XattrCount => XattrRanges.WrittenCount;

    /// <summary>Number of extended attributes without a value. Go's reader, and so dockerd, takes them as not there;
    /// containerd does not.</summary>
    public int EmptyXattrCount => EmptyXattrRanges.WrittenCount;

    /// <summary>Offset of the entry's own header block in the uncompressed stream.</summary>
    public long HeaderOffset { get; internal set; }

    internal ArrayPoolBufferWriter<byte> NameBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<byte> LinkBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<SparseChunk> SparseChunks { get; } = new(16);

    internal ArrayPoolBufferWriter<byte> XattrBytes { get; } = new(256);

    internal ArrayPoolBufferWriter<XattrRange> XattrRanges { get; } = new(8);

    internal ArrayPoolBufferWriter<XattrRange> EmptyXattrRanges { get; } = new(8);

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

    /// <summary>Name of the extended attribute without a value at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> EmptyXattrName(int index)
    {
        XattrRange range = EmptyXattrRanges.WrittenSpan[index];
        return XattrBytes.WrittenSpan.Slice(range.Start, range.NameLength);
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
        EmptyXattrRanges.Clear();
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
        ArrayPoolBufferWriter<XattrRange> ranges = value.IsEmpty ? EmptyXattrRanges : XattrRanges;
        ranges.Write([new XattrRange(start, name.Length, value.Length)]);
    }

    internal void Dispose()
    {
        NameBytes.Dispose();
        LinkBytes.Dispose();
        SparseChunks.Dispose();
        XattrBytes.Dispose();
        XattrRanges.Dispose();
        EmptyXattrRanges.Dispose();
    }

    internal readonly record struct XattrRange(int Start, int NameLength, int ValueLength);
}
