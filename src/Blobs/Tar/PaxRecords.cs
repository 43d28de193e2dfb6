using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <summary>
/// The records of one pax extension member (POSIX pax, "pax Header Block"): <c>LENGTH KEY=VALUE\n</c>, where the length includes
/// its own digits. They are parsed when the member is complete and merged into the header that follows. The last record of a key
/// wins, and an empty value leaves the header's own value as it is.
/// </summary>
internal sealed class PaxRecords : IDisposable
{
    private readonly ArrayPoolBufferWriter<byte> _data = new(512);
    private readonly ArrayPoolBufferWriter<byte> _sparseNumbers = new(64);
    private readonly Range[] _values = new Range[(int)Key.Count];
    private long _offset;
    private int _sparseNumberCount;

    private enum Key
    {
        Path,
        LinkPath,
        Size,
        Uid,
        Gid,
        ModifiedTime,
        AccessTime,
        ChangeTime,
        SparseMajor,
        SparseMinor,
        SparseName,
        SparseSize,
        SparseRealSize,
        SparseBlockCount,
        SparseMap,
        Count,
        UserName,
        GroupName,
        SparseOffset,
        SparseLength,
        Xattr,
        Other,
    }

    private static ReadOnlySpan<byte> XattrPrefix => "SCHILY.xattr."u8;

    public bool IsEmpty => _data.WrittenCount == 0;

    public void Clear()
    {
        _data.Clear();
        _sparseNumbers.Clear();
        _sparseNumberCount = 0;
        Array.Clear(_values);
    }

    /// <summary>Parses the data of one member. It replaces the previous records.</summary>
    /// <exception cref="MalformedDataException">A record does not parse.</exception>
    public void Load(ReadOnlySpan<byte> data, long offset)
    {
        Clear();
        _offset = offset;
        _data.Write(data);
        ReadOnlySpan<byte> all = _data.WrittenSpan;
        for (int position = 0; position < all.Length;)
        {
            position += ParseRecord(all, position);
        }

        if (_sparseNumberCount % 2 != 0)
        {
            Fail("a sparse offset has no length");
        }
    }

    /// <summary>Overrides the fields of the header, except for those of a sparse file.</summary>
    public void MergeInto(TarEntry entry)
    {
        if (Value(Key.Path) is { IsEmpty: false } path)
        {
            entry.SetName([], path);
        }

        if (Value(Key.LinkPath) is { IsEmpty: false } linkPath)
        {
            entry.SetLinkName(linkPath);
        }

        entry.Size = Number(Key.Size, entry.Size);
        entry.Uid = Number(Key.Uid, entry.Uid);
        entry.Gid = Number(Key.Gid, entry.Gid);
        entry.ModifiedTime = Time(Key.ModifiedTime) ?? entry.ModifiedTime;
        entry.AccessTime = Time(Key.AccessTime) ?? entry.AccessTime;
        Time(Key.ChangeTime);
        MergeXattrs(entry);
    }

    /// <summary>The GNU sparse form that the records declare by a version, or imply by having a map.</summary>
    public SparseForm SparseForm
    {
        get
        {
            ReadOnlySpan<byte> major = Value(Key.SparseMajor);
            ReadOnlySpan<byte> minor = Value(Key.SparseMinor);
            if (major.SequenceEqual("0"u8) && (minor.SequenceEqual("0"u8) || minor.SequenceEqual("1"u8)))
            {
                return SparseForm.InRecords;
            }

            if (major.SequenceEqual("1"u8) && minor.SequenceEqual("0"u8))
            {
                return SparseForm.InPayload;
            }

            bool isVersionKnown = major.IsEmpty && minor.IsEmpty;
            return isVersionKnown && !SparseMapText.IsEmpty ? SparseForm.InRecords : SparseForm.None;
        }
    }

    /// <summary>Overrides the header's name and size, which describe the stored form, by those of the sparse file itself.</summary>
    public void MergeSparseInto(TarEntry entry)
    {
        if (Value(Key.SparseName) is { IsEmpty: false } name)
        {
            entry.SetName([], name);
        }

        entry.Size = Number(Key.SparseSize, Number(Key.SparseRealSize, entry.Size));
    }

    /// <summary>Reads the map of forms 0.0 and 0.1: offsets and lengths in turn, in decimal, separated by commas.</summary>
    public void ReadSparseMap(TarEntry entry)
    {
        long chunkCount = Number(Key.SparseBlockCount, -1);
        ReadOnlySpan<byte> rest = SparseMapText;
        long offset = 0;
        long numberCount = 0;
        while (!rest.IsEmpty)
        {
            int comma = rest.IndexOf((byte)',');
            if (!TarNumber.TryParseDecimal(comma < 0 ? rest : rest[..comma], out long number))
            {
                Throw.Malformed(Fault.TarSparseMap, _offset, "tar: a number in the sparse map does not parse");
            }

            if (numberCount++ % 2 == 0)
            {
                offset = number;
            }
            else
            {
                entry.SparseChunks.Write([new SparseChunk(offset, number)]);
            }

            // A trailing comma counts as one more number, which makes the map invalid.
            rest = comma < 0 ? [] : rest[(comma + 1)..];
            if (comma >= 0 && rest.IsEmpty)
            {
                numberCount++;
            }
        }

        if (numberCount != chunkCount * 2)
        {
            Throw.Malformed(
                Fault.TarSparseMap, _offset, $"tar: the sparse map has {numberCount} numbers for {chunkCount} chunks");
        }
    }

    public void Dispose()
    {
        _data.Dispose();
        _sparseNumbers.Dispose();
    }

    private ReadOnlySpan<byte> SparseMapText =>
        _sparseNumberCount > 0 ? _sparseNumbers.WrittenSpan : Value(Key.SparseMap);

    private int ParseRecord(ReadOnlySpan<byte> all, int position)
    {
        ReadOnlySpan<byte> rest = all[position..];
        int space = rest.IndexOf((byte)' ');
        if (space < 0 || !TarNumber.TryParseDecimal(rest[..space], out long length))
        {
            Fail("a record has no length");
            return 0;
        }

        // "5 a=\n" is the shortest record there is.
        if (length < 5 || length > rest.Length || length <= space + 1)
        {
            Fail($"a record of {length} bytes, where {rest.Length} are left");
        }

        ReadOnlySpan<byte> record = rest[(space + 1)..((int)length - 1)];
        int equals = record.IndexOf((byte)'=');
        if (rest[(int)length - 1] != '\n' || equals <= 0)
        {
            Fail("a record is not KEY=VALUE and a newline");
        }

        int valueStart = position + space + 1 + equals + 1;
        Accept(record[..equals], new Range(valueStart, position + (int)length - 1));
        return (int)length;
    }

    private void Accept(ReadOnlySpan<byte> name, Range range)
    {
        ReadOnlySpan<byte> value = _data.WrittenSpan[range];
        Key key = KeyOf(name);

        // The kernel would cut a name at a NUL. Other keys may have binary values.
        bool isText = key is Key.Path or Key.LinkPath or Key.UserName or Key.GroupName;
        if ((isText ? value : name).Contains((byte)0))
        {
            Fail($"record {Printable.Quote(name)} contains a NUL");
        }

        if (key is Key.SparseOffset or Key.SparseLength)
        {
            bool isOffsetDue = _sparseNumberCount % 2 == 0;
            if (isOffsetDue != (key == Key.SparseOffset) || value.Contains((byte)','))
            {
                Fail("sparse offsets and lengths are out of order");
            }

            if (_sparseNumberCount++ > 0)
            {
                _sparseNumbers.Write(","u8);
            }

            _sparseNumbers.Write(value);
        }
        else if (key < Key.Count)
        {
            _values[(int)key] = range;
        }
    }

    private void MergeXattrs(TarEntry entry)
    {
        ReadOnlySpan<byte> all = _data.WrittenSpan;
        if (all.IndexOf(XattrPrefix) < 0)
        {
            return;
        }

        for (int position = 0; position < all.Length;)
        {
            ReadOnlySpan<byte> rest = all[position..];
            int space = rest.IndexOf((byte)' ');
            _ = TarNumber.TryParseDecimal(rest[..space], out long length);
            ReadOnlySpan<byte> record = rest[(space + 1)..((int)length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (record.StartsWith(XattrPrefix))
            {
                entry.AddXattr(record[XattrPrefix.Length..equals], record[(equals + 1)..]);
            }

            position += (int)length;
        }
    }

    private static Key KeyOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("path"u8) ? Key.Path
        : name.SequenceEqual("linkpath"u8) ? Key.LinkPath
        : name.SequenceEqual("size"u8) ? Key.Size
        : name.SequenceEqual("uid"u8) ? Key.Uid
        : name.SequenceEqual("gid"u8) ? Key.Gid
        : name.SequenceEqual("mtime"u8) ? Key.ModifiedTime
        : name.SequenceEqual("atime"u8) ? Key.AccessTime
        : name.SequenceEqual("ctime"u8) ? Key.ChangeTime
        : name.SequenceEqual("uname"u8) ? Key.UserName
        : name.SequenceEqual("gname"u8) ? Key.GroupName
        : name.StartsWith("GNU.sparse."u8) ? SparseKeyOf(name["GNU.sparse.".Length..])
        : Key.Other;

    private static Key SparseKeyOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("major"u8) ? Key.SparseMajor
        : name.SequenceEqual("minor"u8) ? Key.SparseMinor
        : name.SequenceEqual("name"u8) ? Key.SparseName
        : name.SequenceEqual("size"u8) ? Key.SparseSize
        : name.SequenceEqual("realsize"u8) ? Key.SparseRealSize
        : name.SequenceEqual("numblocks"u8) ? Key.SparseBlockCount
        : name.SequenceEqual("map"u8) ? Key.SparseMap
        : name.SequenceEqual("offset"u8) ? Key.SparseOffset
        : name.SequenceEqual("numbytes"u8) ? Key.SparseLength
        : Key.Other;

    private ReadOnlySpan<byte> Value(Key key) => _data.WrittenSpan[_values[(int)key]];

    private long Number(Key key, long otherwise)
    {
        ReadOnlySpan<byte> text = Value(key);
        if (text.IsEmpty)
        {
            return otherwise;
        }

        if (!TarNumber.TryParseDecimal(text, out long number))
        {
            Fail($"record {key} is not a number: {Printable.Quote(text)}");
        }

        return number;
    }

    private UnixTime? Time(Key key)
    {
        ReadOnlySpan<byte> text = Value(key);
        if (text.IsEmpty)
        {
            return null;
        }

        if (!TarNumber.TryParseTime(text, out UnixTime time))
        {
            Fail($"record {key} is not a time: {Printable.Quote(text)}");
        }

        return time;
    }

    private void Fail(string what) => Throw.Malformed(Fault.TarPaxRecord, _offset, $"tar: invalid pax extension: {what}");
}
