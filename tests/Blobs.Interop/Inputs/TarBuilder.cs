using System.Globalization;
using System.Text;

namespace Blobs.Interop.Inputs;

/// <summary>
/// Writes archives that no ordinary tar program would write: it puts down what it is told, in pax or GNU dialect. It is
/// kept apart from the library on purpose, so that one misunderstanding cannot hide in both.
/// </summary>
internal sealed class TarBuilder
{
    private const int BlockBytes = 512;
    private const int NameBytes = 100;
    // POSIX pax: octal fields hold 7 digits for owners and 11 for sizes and times.
    private const long LargestOwner = 0x1F_FFFF;
    private const long LargestTime = 0x1_FFFF_FFFF;

    private readonly MemoryStream _archive = new();

    public TarBuilder Add(TarMember member)
    {
        byte[] records = member.Gnu ? [] : Records(member);
        if (records.Length > 0)
        {
            Put(Header(new TarMember("PaxHeaders.0/x", 'x') { Content = records }), records);
        }

        if (member.Gnu && member.Name.Length > NameBytes)
        {
            AddLong('L', member.Name);
        }

        if (member.Gnu && member.Link.Length > NameBytes)
        {
            AddLong('K', member.Link);
        }

        Put(Header(member), member.Content);
        return this;
    }

    public TarBuilder AddRange(IEnumerable<TarMember> members)
    {
        foreach (TarMember member in members)
        {
            Add(member);
        }

        return this;
    }

    /// <summary>A global header: records for every member that follows.</summary>
    public TarBuilder AddGlobal(params (string Key, string Value)[] records)
    {
        byte[] data = [.. records.SelectMany(record => Record(record.Key, Encoding.UTF8.GetBytes(record.Value)))];
        Put(Header(new TarMember("pax_global_header", 'g') { Content = data }), data);
        return this;
    }

    /// <summary>The archive with its two zero blocks, and whatever should come after them.</summary>
    public byte[] ToArray(int bytesAfterEnd = 0)
    {
        var whole = new MemoryStream();
        _archive.WriteTo(whole);
        whole.Write(new byte[(2 * BlockBytes) + bytesAfterEnd]);
        return whole.ToArray();
    }

    public byte[] ToArrayWithoutEnd() => _archive.ToArray();

    private static byte[] Header(TarMember member)
    {
        byte[] header = new byte[BlockBytes];
        member.Name.AsSpan(0, Math.Min(NameBytes, member.Name.Length)).CopyTo(header);
        Number(header.AsSpan(100, 8), member.Mode, member.Gnu);
        Number(header.AsSpan(108, 8), member.Uid, member.Gnu);
        Number(header.AsSpan(116, 8), member.Gid, member.Gnu);
        Number(header.AsSpan(124, 12), member.Size ?? member.Content.Length, member.Gnu);
        Number(header.AsSpan(136, 12), member.ModifiedSeconds, member.Gnu);
        header[156] = (byte)member.Type;
        member.Link.AsSpan(0, Math.Min(NameBytes, member.Link.Length)).CopyTo(header.AsSpan(157));
        (member.Gnu ? "ustar  \0"u8 : "ustar\000"u8).CopyTo(header.AsSpan(257));
        Number(header.AsSpan(329, 8), member.DeviceMajor, member.Gnu);
        Number(header.AsSpan(337, 8), member.DeviceMinor, member.Gnu);

        // The sum is taken with its own field filled by spaces.
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = header.Sum(value => value);
        Encoding.ASCII.GetBytes($"{Octal(sum).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        return header;
    }

    // Octal where it fits; else base-256 in GNU archives, and zero where a pax record carries the number.
    private static void Number(Span<byte> field, long value, bool gnu)
    {
        int digits = field.Length - 1;
        if (value >= 0 && value < 1L << (3 * digits))
        {
            Encoding.ASCII.GetBytes(Octal(value).PadLeft(digits, '0'), field);
            field[digits] = 0;
            return;
        }

        if (!gnu)
        {
            Number(field, 0, gnu);
            return;
        }

        for (int at = field.Length - 1; at >= 0; at--, value >>= 8)
        {
            field[at] = (byte)value;
        }

        field[0] |= 0x80;
    }

    private static string Octal(long value) => Convert.ToString(value, 8);

    private static byte[] Records(TarMember member)
    {
        var records = new List<byte>();
        if (member.Name.Length > NameBytes)
        {
            records.AddRange(Record("path", member.Name));
        }

        if (member.Link.Length > NameBytes)
        {
            records.AddRange(Record("linkpath", member.Link));
        }

        if (member.ModifiedNanoseconds != 0 || member.ModifiedSeconds is < 0 or > LargestTime)
        {
            records.AddRange(Record("mtime", Time(member.ModifiedSeconds, member.ModifiedNanoseconds)));
        }

        if (member.AccessedSeconds is long accessed)
        {
            records.AddRange(Record("atime", Time(accessed, 0)));
        }

        if (member.Uid > LargestOwner)
        {
            records.AddRange(Record("uid", Decimal(member.Uid)));
        }

        if (member.Gid > LargestOwner)
        {
            records.AddRange(Record("gid", Decimal(member.Gid)));
        }

        foreach ((string name, byte[] value) in member.Attributes)
        {
            records.AddRange(Record("SCHILY.xattr." + name, value));
        }

        foreach ((string key, byte[] value) in member.Records)
        {
            records.AddRange(Record(key, value));
        }

        return [.. records];
    }

    // POSIX pax: "<length> <key>=<value>\n", where the length counts its own digits.
    private static byte[] Record(string key, byte[] value)
    {
        byte[] rest = [.. " "u8, .. Encoding.UTF8.GetBytes(key), .. "="u8, .. value, .. "\n"u8];
        int length = rest.Length + 1;
        while (Decimal(length).Length + rest.Length != length)
        {
            length++;
        }

        return [.. Decimal(length), .. rest];
    }

    private static byte[] Time(long seconds, int nanoseconds) =>
        Encoding.ASCII.GetBytes(
            nanoseconds == 0 ? $"{seconds}" : string.Create(CultureInfo.InvariantCulture, $"{seconds}.{nanoseconds:d9}"));

    private static byte[] Decimal(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private void AddLong(char type, byte[] name)
    {
        byte[] data = [.. name, 0];
        Put(Header(new TarMember("././@LongLink", type) { Content = data, Gnu = true, ModifiedSeconds = 0 }), data);
    }

    private void Put(byte[] header, byte[] content)
    {
        _archive.Write(header);
        _archive.Write(content);
        _archive.Write(new byte[-content.Length & (BlockBytes - 1)]);
    }
}
