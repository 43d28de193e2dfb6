using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Blobs.Buffers;
using Blobs.Tar.Internal;

namespace Blobs.Tar;

/// <summary>
/// Writes an archive member by member: <see cref="Begin"/>, the payload, <see cref="End"/>. With <see cref="TarFormat.Pax"/> the
/// bytes are those of Go's archive/tar, which engines use: ustar if everything fits, sorted pax records if not, and two zero blocks
/// at the end without padding to a record of 10 KiB.
/// </summary>
public sealed class TarWriter(IByteSink target, TarFormat format = TarFormat.Pax) : IByteSink
{
    private readonly byte[] _block = new byte[TarLayout.BlockBytes];
    private long _remaining;
    private int _padding;

    /// <summary>Writes the headers of a member.</summary>
    public void Begin(TarMember member)
    {
        Debug.Assert(_remaining == 0 && _padding == 0, "The previous member has ended.");
        ReadOnlySpan<byte> prefix = [];
        ReadOnlySpan<byte> name = member.Name;
        if (format == TarFormat.Pax)
        {
            SortedDictionary<string, byte[]> records = PaxRecordsOf(member, out int split);
            if (records.Count > 0)
            {
                WritePax(member, records);
                member = AsciiOf(member);
                name = member.Name;
            }
            else if (split > 0)
            {
                prefix = name[..split];
                name = name[(split + 1)..];
            }
        }
        else if (format == TarFormat.Gnu)
        {
            WriteGnuLong((byte)'L', member.Name);
            WriteGnuLong((byte)'K', member.LinkName);
        }

        WriteHeader(member, (byte)member.Type, name, prefix, member.Size);
        _remaining = member.Size;
        _padding = TarLayout.PaddingOf(member.Size);
        if (TarHeader.IsHeaderOnly(member.Type))
        {
            _remaining = 0;
            _padding = 0;
        }
    }

    /// <summary>Writes the next bytes of the payload.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, _remaining);
        target.Write(bytes);
        _remaining -= bytes.Length;
    }

    /// <summary>Counts payload that the caller writes to the archive itself.</summary>
    public void SkipPayload(int payloadBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadBytes, _remaining);
        _remaining -= payloadBytes;
    }

    /// <summary>Ends a member after its payload.</summary>
    public void End()
    {
        if (_remaining != 0)
        {
            throw new InvalidOperationException($"{_remaining} bytes of the member's payload are missing.");
        }

        WriteZeros(_padding);
        _padding = 0;
    }

    /// <summary>Writes the end marker of the archive.</summary>
    public void Complete() => WriteZeros(2 * TarLayout.BlockBytes);

    private void WriteHeader(TarMember member, byte type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix, long size)
    {
        Span<byte> block = _block;
        block.Clear();
        Copy(name, block.Slice(TarLayout.Name, TarLayout.NameLength));
        WriteNumber(block.Slice(TarLayout.Mode, TarLayout.NumberLength), member.Mode);
        WriteNumber(block.Slice(TarLayout.Uid, TarLayout.NumberLength), member.Uid);
        WriteNumber(block.Slice(TarLayout.Gid, TarLayout.NumberLength), member.Gid);
        WriteNumber(block.Slice(TarLayout.Size, TarLayout.LongNumberLength), size);
        WriteNumber(block.Slice(TarLayout.ModifiedTime, TarLayout.LongNumberLength), member.ModifiedTime.Seconds);
        block[TarLayout.TypeFlag] = type;
        Copy(member.LinkName, block.Slice(TarLayout.LinkName, TarLayout.NameLength));
        if (format != TarFormat.V7)
        {
            ReadOnlySpan<byte> magic = format == TarFormat.Gnu ? "ustar  \0"u8 : "ustar\000"u8;
            magic.CopyTo(block[TarLayout.Magic..]);
            Copy(member.UserName, block.Slice(TarLayout.UserName, TarLayout.OwnerNameLength));
            Copy(member.GroupName, block.Slice(TarLayout.GroupName, TarLayout.OwnerNameLength));
            if (type == (byte)member.Type)
            {
                // The header of an extension member leaves these empty.
                WriteNumber(block.Slice(TarLayout.DeviceMajor, TarLayout.NumberLength), member.DeviceMajor);
                WriteNumber(block.Slice(TarLayout.DeviceMinor, TarLayout.NumberLength), member.DeviceMinor);
            }

            Copy(prefix, block.Slice(TarLayout.Prefix, TarLayout.PrefixLength));
            if (format == TarFormat.Gnu && member.AccessTime is { } accessTime)
            {
                WriteNumber(block.Slice(TarLayout.GnuAccessTime, TarLayout.LongNumberLength), accessTime.Seconds);
            }
        }

        WriteChecksum(block);
        target.Write(block);
    }

    /// <summary>Writes the checksum of a header block: six octal digits, a NUL and a space.</summary>
    internal static void WriteChecksum(Span<byte> block)
    {
        Span<byte> field = block.Slice(TarLayout.Checksum, TarLayout.NumberLength);
        field.Fill((byte)' ');
        int sum = 0;
        foreach (byte value in block)
        {
            sum += value;
        }

        WriteOctal(field[..(TarLayout.NumberLength - 1)], sum);
    }

    // A name that is cut must not end in a slash: some readers would take a file for a directory.
    private static void Copy(ReadOnlySpan<byte> text, Span<byte> field)
    {
        bool isCut = text.Length > field.Length;
        text = isCut ? text[..field.Length] : text;
        (isCut ? text.TrimEnd((byte)'/') : text).CopyTo(field);
    }

    // Zero-padded octal and a NUL. A number that does not fit is written in base-256 in GNU format; otherwise it is in a pax record.
    private void WriteNumber(Span<byte> field, long value)
    {
        if (FitsOctal(value, field.Length))
        {
            WriteOctal(field, value);
        }
        else if (format == TarFormat.Gnu)
        {
            field.Fill(value < 0 ? (byte)0xff : (byte)0);
            BinaryPrimitives.WriteInt64BigEndian(field[^8..], value);
            field[0] |= 0x80;
        }
        else
        {
            WriteOctal(field, 0);
        }
    }

    private static bool FitsOctal(long value, int length) => value >= 0 && value >> (3 * (length - 1)) == 0;

    private static void WriteOctal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (int i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static SortedDictionary<string, byte[]> PaxRecordsOf(TarMember member, out int split)
    {
        var records = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (!TrySplit(member.Name, out split))
        {
            records["path"] = member.Name;
        }

        AddText("linkpath", member.LinkName, TarLayout.NameLength);
        AddText("uname", member.UserName, TarLayout.OwnerNameLength);
        AddText("gname", member.GroupName, TarLayout.OwnerNameLength);
        AddNumber("size", member.Size, TarLayout.LongNumberLength);
        AddNumber("uid", member.Uid, TarLayout.NumberLength);
        AddNumber("gid", member.Gid, TarLayout.NumberLength);
        if (member.ModifiedTime.Nanoseconds != 0 || !FitsOctal(member.ModifiedTime.Seconds, TarLayout.LongNumberLength))
        {
            records["mtime"] = TimeText(member.ModifiedTime);
        }

        if (member.AccessTime is { } accessTime)
        {
            records["atime"] = TimeText(accessTime);
        }

        foreach (KeyValuePair<string, byte[]> xattr in member.Xattrs)
        {
            records["SCHILY.xattr." + xattr.Key] = xattr.Value;
        }

        if (records.Count > 0 && split > 0)
        {
            // Only plain ustar headers use the prefix. With an extension, the whole name goes into the extension.
            records["path"] = member.Name;
        }

        return records;

        void AddText(string key, byte[] text, int length)
        {
            if (text.Length > length || !Ascii.IsValid(text))
            {
                records[key] = text;
            }
        }

        void AddNumber(string key, long value, int length)
        {
            if (!FitsOctal(value, length))
            {
                records[key] = Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    // ustar has 155 bytes for the part before a slash and 100 for the part after it, in ASCII.
    private static bool TrySplit(ReadOnlySpan<byte> name, out int split)
    {
        split = 0;
        if (!Ascii.IsValid(name))
        {
            return false;
        }

        if (name.Length <= TarLayout.NameLength)
        {
            return true;
        }

        int most = Math.Min(name.Length - 1, TarLayout.PrefixLength + 1);
        split = name[..most].LastIndexOf((byte)'/');
        return split > 0 && name.Length - split - 1 is > 0 and <= TarLayout.NameLength;
    }

    private static byte[] TimeText(UnixTime time)
    {
        // The text of a negative time counts its fraction backwards: second -2 plus half a second is -1.5.
        (long seconds, int fraction) = time.Seconds < 0 && time.Nanoseconds > 0
            ? (time.Seconds + 1, 1_000_000_000 - time.Nanoseconds)
            : (time.Seconds, time.Nanoseconds);
        string sign = time.Seconds < 0 && seconds == 0 ? "-" : "";
        string text = string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}.{fraction:d9}").TrimEnd('0').TrimEnd('.');
        return Encoding.ASCII.GetBytes(text);
    }

    private void WritePax(TarMember member, SortedDictionary<string, byte[]> records)
    {
        var data = new List<byte>();
        foreach ((string key, byte[] value) in records)
        {
            byte[] text = [.. Encoding.UTF8.GetBytes(" " + key + "="), .. value, (byte)'\n'];

            // The length includes its own digits; adding them may add one more digit.
            int length = text.Length;
            length = text.Length + DigitCount(text.Length + DigitCount(length));
            data.AddRange(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)));
            data.AddRange(text);
        }

        // "DIR/PaxHeaders.0/BASE"; a directory's name ends in a slash, so its base is empty.
        int slash = member.Name.AsSpan().LastIndexOf((byte)'/');
        byte[] name = [.. member.Name.AsSpan(0, slash + 1), .. "PaxHeaders.0/"u8, .. member.Name.AsSpan(slash + 1)];
        ReadOnlySpan<byte> shown = AsciiOf(name);
        shown = shown[..Math.Min(shown.Length, TarLayout.NameLength)].TrimEnd((byte)'/');
        WriteHeader(new TarMember { Name = name, Mode = 0 }, (byte)'x', shown, [], data.Count);
        target.Write(data.ToArray());
        WriteZeros(TarLayout.PaddingOf(data.Count));
    }

    // For readers without pax support: the ASCII characters of each text, cut to the length of its field.
    private static TarMember AsciiOf(TarMember member) => member with
    {
        Name = AsciiOf(member.Name),
        LinkName = AsciiOf(member.LinkName),
        UserName = AsciiOf(member.UserName),
        GroupName = AsciiOf(member.GroupName),
    };

    private static byte[] AsciiOf(byte[] text) => Array.FindAll(text, value => value < 0x80);

    private static int DigitCount(int value) => value.ToString(CultureInfo.InvariantCulture).Length;

    private void WriteGnuLong(byte type, byte[] text)
    {
        if (text.Length <= TarLayout.NameLength)
        {
            return;
        }

        var header = new TarMember { Name = "././@LongLink"u8.ToArray(), Mode = 0 };
        WriteHeader(header, type, header.Name, [], text.Length + 1);
        target.Write(text);
        WriteZeros(1 + TarLayout.PaddingOf(text.Length + 1));
    }

    private void WriteZeros(int count)
    {
        Span<byte> zeros = stackalloc byte[2 * TarLayout.BlockBytes];
        zeros.Clear();
        target.Write(zeros[..count]);
    }
}
