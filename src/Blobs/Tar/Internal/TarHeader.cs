using System.ComponentModel;
using System.Runtime.InteropServices;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Tar.Internal;

/// <summary>Reads one 512-byte header block, field by field. Merging extensions is up to <see cref="TarReader"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TarHeader
{
    private enum Format
    {
        V7,
        Ustar,
        Star,
        Gnu,
    }

    /// <summary>Whether the block's checksum is the sum of its bytes: unsigned ones as POSIX says, or signed ones as in old Sun and HP
    /// archives.</summary>
    public static bool HasValidChecksum(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> field = block.Slice(TarLayout.Checksum, TarLayout.NumberLength);
        if (!TarNumber.TryParseOctal(field, out long expected))
        {
            return false;
        }

        // The field itself counts as eight spaces.
        long unsigned = 8 * ' ';
        long signed = 8 * ' ';
        ReadOnlySpan<byte> before = block[..TarLayout.Checksum];
        ReadOnlySpan<byte> after = block[TarLayout.TypeFlag..TarLayout.BlockBytes];
        unsigned += Sum(before) + Sum(after);
        if (unsigned == expected)
        {
            return true;
        }

        signed += SignedSum(before) + SignedSum(after);
        return signed == expected;
    }

    /// <summary>Fills <paramref name="entry"/> from the block. <see cref="TarEntry.Size"/> becomes the size field, unchecked.</summary>
    /// <exception cref="MalformedDataException">The checksum differs, or a number does not parse.</exception>
    public static void Read(ReadOnlySpan<byte> block, long offset, TarEntry entry)
    {
        if (!HasValidChecksum(block))
        {
            Throw.Malformed(Fault.TarChecksum, offset, "tar: invalid header: its checksum does not match");
        }

        entry.Reset(offset);
        entry.Type = (TarEntryType)block[TarLayout.TypeFlag];
        entry.Size = Number(block, TarLayout.Size, TarLayout.LongNumberLength, "size", offset);
        entry.Mode = Number(block, TarLayout.Mode, TarLayout.NumberLength, "mode", offset);
        entry.Uid = Number(block, TarLayout.Uid, TarLayout.NumberLength, "uid", offset);
        entry.Gid = Number(block, TarLayout.Gid, TarLayout.NumberLength, "gid", offset);
        entry.ModifiedTime =
            new UnixTime(Number(block, TarLayout.ModifiedTime, TarLayout.LongNumberLength, "mtime", offset), 0);
        entry.SetLinkName(Text(block, TarLayout.LinkName, TarLayout.NameLength));

        Format format = FormatOf(block);
        ReadOnlySpan<byte> prefix = [];
        if (format != Format.V7)
        {
            entry.DeviceMajor = Number(block, TarLayout.DeviceMajor, TarLayout.NumberLength, "devmajor", offset);
            entry.DeviceMinor = Number(block, TarLayout.DeviceMinor, TarLayout.NumberLength, "devminor", offset);
            prefix = format switch
            {
                Format.Ustar => Text(block, TarLayout.Prefix, TarLayout.PrefixLength),
                Format.Star => ReadStar(block, offset, entry),
                _ => ReadGnu(block, entry),
            };
        }

        entry.SetName(prefix, Text(block, TarLayout.Name, TarLayout.NameLength));
    }

    public static bool IsGnu(ReadOnlySpan<byte> block) => FormatOf(block) == Format.Gnu;

    /// <summary>Whether entries of a type consist of a header only, whatever their size field says.</summary>
    public static bool IsHeaderOnly(TarEntryType type) =>
        type is >= TarEntryType.HardLink and <= TarEntryType.Fifo;

    private static ReadOnlySpan<byte> ReadStar(ReadOnlySpan<byte> block, long offset, TarEntry entry)
    {
        long seconds = Number(block, TarLayout.StarAccessTime, TarLayout.LongNumberLength, "atime", offset);
        entry.AccessTime = new UnixTime(seconds, 0);
        Number(block, TarLayout.StarAccessTime + TarLayout.LongNumberLength, TarLayout.LongNumberLength, "ctime", offset);
        return Text(block, TarLayout.Prefix, TarLayout.StarPrefixLength);
    }

    // Go before 1.8 wrote a ustar prefix where GNU tar has its times. If the times are not numbers, the field is read as a prefix,
    // provided that it is ASCII.
    private static ReadOnlySpan<byte> ReadGnu(ReadOnlySpan<byte> block, TarEntry entry)
    {
        ReadOnlySpan<byte> access = block.Slice(TarLayout.GnuAccessTime, TarLayout.LongNumberLength);
        ReadOnlySpan<byte> change = block.Slice(TarLayout.GnuChangeTime, TarLayout.LongNumberLength);
        long accessSeconds = 0;
        bool isNumber = access[0] == 0 || TarNumber.TryParseField(access, out accessSeconds);
        isNumber &= change[0] == 0 || TarNumber.TryParseField(change, out _);
        if (isNumber)
        {
            entry.AccessTime = access[0] == 0 ? null : new UnixTime(accessSeconds, 0);
            return [];
        }

        ReadOnlySpan<byte> prefix = Text(block, TarLayout.Prefix, TarLayout.PrefixLength);
        return System.Text.Ascii.IsValid(prefix) ? prefix : [];
    }

    private static Format FormatOf(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> magic = block.Slice(TarLayout.Magic, TarLayout.MagicLength + TarLayout.VersionLength);
        if (magic.StartsWith("ustar\0"u8))
        {
            return block[TarLayout.StarTrailer..].StartsWith("tar\0"u8) ? Format.Star : Format.Ustar;
        }

        return magic.SequenceEqual("ustar  \0"u8) ? Format.Gnu : Format.V7;
    }

    /// <summary>A text field, which ends at its first NUL.</summary>
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, int start, int length)
    {
        ReadOnlySpan<byte> field = block.Slice(start, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private static long Number(ReadOnlySpan<byte> block, int start, int length, string field, long offset)
    {
        if (!TarNumber.TryParseField(block.Slice(start, length), out long value))
        {
            Throw.Malformed(Fault.TarNumber, offset, $"tar: invalid header: its {field} is not a number");
        }

        return value;
    }

    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        // Eight bytes at a time, in four 16-bit lanes of 64-bit words. 63 times 255 fits into a lane.
        ulong even = 0;
        ulong odd = 0;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            even += word & 0x00ff_00ff_00ff_00ff;
            odd += (word >> 8) & 0x00ff_00ff_00ff_00ff;
        }

        long sum = 0;
        for (int lane = 0; lane < 64; lane += 16)
        {
            sum += (long)((even >> lane) & 0xffff) + (long)((odd >> lane) & 0xffff);
        }

        foreach (byte last in bytes[(words.Length * 8)..])
        {
            sum += last;
        }

        return sum;
    }

    private static long SignedSum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte value in bytes)
        {
            sum += (sbyte)value;
        }

        return sum;
    }
}
