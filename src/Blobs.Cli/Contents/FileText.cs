using System.Globalization;
using System.Text;
using Blobs.Errors.Internal;
using Blobs.Images;
using Blobs.Tar;

namespace Blobs.Cli.Contents;

/// <summary>Files of images as text: names, modes and times as <c>ls</c> shows them.</summary>
internal static class FileText
{
    /// <summary>A name for a terminal: control characters and bytes that are not UTF-8 are escaped.</summary>
    public static string NameOf(ImageEntry entry) => Printable.Escape(entry.Name.Span);

    public static string PathOf(ImageEntry entry) => Printable.Escape(entry.GetPath());

    /// <summary>The target of a symbolic link.</summary>
    public static string TargetOf(ImageFile file) => Printable.Escape(file.LinkTarget.Span);

    /// <summary>Behind a symbolic link its target; empty for everything else.</summary>
    public static string ArrowOf(ImageFile file) => file.Type == TarEntryType.SymbolicLink ? $" -> {TargetOf(file)}" : "";

    /// <summary>Type and permissions, as <c>drwxr-xr-x</c>.</summary>
    public static string ModeOf(ImageFile file)
    {
        const int SetUser = 0b100_000_000_000;
        const int SetGroup = 0b010_000_000_000;
        const int Sticky = 0b001_000_000_000;
        var text = new StringBuilder(10);
        text.Append(LetterOf(file.Type));
        for (int bit = 8; bit >= 0; bit--)
        {
            text.Append((file.Mode >> bit & 1) == 1 ? "xwr"[bit % 3] : '-');
        }

        Mark(SetUser, 3, 's');
        Mark(SetGroup, 6, 's');
        Mark(Sticky, 9, 't');
        return text.ToString();

        void Mark(int flag, int index, char mark)
        {
            if ((file.Mode & flag) != 0)
            {
                text[index] = text[index] == 'x' ? mark : char.ToUpperInvariant(mark);
            }
        }
    }

    /// <summary>The permissions as <c>chmod</c> takes them: <c>0755</c>.</summary>
    public static string OctalOf(ImageFile file) => Convert.ToString(file.Mode, 8).PadLeft(4, '0');

    /// <summary>The time of the last modification in UTC, to the minute.</summary>
    public static string TimeOf(ImageFile file) =>
        Time(file.ModifiedTime) is { } time ? time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "?";

    /// <summary>The time in ISO 8601; null when no calendar has it.</summary>
    public static string? IsoTimeOf(ImageFile file) =>
        Time(file.ModifiedTime)?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    public static string TypeOf(ImageFile file) => file.Type switch
    {
        TarEntryType.File => "file",
        TarEntryType.Directory => "directory",
        TarEntryType.SymbolicLink => "symlink",
        TarEntryType.CharacterDevice => "character device",
        TarEntryType.BlockDevice => "block device",
        _ => "fifo",
    };

    /// <summary>The size, or the numbers of a device.</summary>
    public static string SizeOf(ImageFile file, bool isHuman)
    {
        long size = file.Type == TarEntryType.SymbolicLink ? file.LinkTarget.Length : file.Size;
        return file.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice
            ? string.Create(CultureInfo.InvariantCulture, $"{file.DeviceMajor}, {file.DeviceMinor}")
            : isHuman ? Human.Size(size) : size.ToString(CultureInfo.InvariantCulture);
    }

    private static char LetterOf(TarEntryType type) => type switch
    {
        TarEntryType.Directory => 'd',
        TarEntryType.SymbolicLink => 'l',
        TarEntryType.CharacterDevice => 'c',
        TarEntryType.BlockDevice => 'b',
        TarEntryType.Fifo => 'p',
        _ => '-',
    };

    private static DateTimeOffset? Time(UnixTime time)
    {
        const int NanosecondsOfTick = 100;
        long from = DateTimeOffset.MinValue.ToUnixTimeSeconds();
        long to = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return time.Seconds < from || time.Seconds > to
            ? null
            : DateTimeOffset.FromUnixTimeSeconds(time.Seconds).AddTicks(time.Nanoseconds / NanosecondsOfTick);
    }
}
