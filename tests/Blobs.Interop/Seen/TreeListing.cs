using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Blobs.Interop.Seen;

/// <summary>
/// A tree as text: one line a name with everything that the system knows about it, so that two trees are equal exactly
/// when their listings are. Hard links are named by the first member of their group, in the order of names.
/// </summary>
internal sealed class TreeListing
{
    private readonly SortedDictionary<string, string> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<(ulong Device, ulong Inode), string> _groups = [];
    private readonly Facts _facts;
    private readonly DateTimeOffset _recent;

    private TreeListing(Facts facts, DateTimeOffset recent) => (_facts, _recent) = (facts, recent);

    [Flags]
    public enum Facts
    {
        /// <summary>Names, kinds, modes, owners, devices, links, attributes and contents.</summary>
        Shape = 0,
        Modified = 1,
        Accessed = 2,

        /// <summary>Only what the 20.10 engine copies well from a layer to the next, for drivers that do: see
        /// <see cref="Describe"/>.</summary>
        CopiedByEngine = 4,
    }

    public IReadOnlyDictionary<string, string> Lines => _lines;

    /// <param name="root">The tree; it is called <c>.</c> in the listing.</param>
    /// <param name="facts">Which times to list.</param>
    /// <param name="recent">Times from here on are listed as "recent": the clock of a run, not of the archive.</param>
    public static TreeListing Of(string root, Facts facts = Facts.Modified, DateTimeOffset? recent = null)
    {
        var listing = new TreeListing(facts, recent ?? DateTimeOffset.MaxValue);
        listing.Visit(Encoding.UTF8.GetBytes(root), "."u8.ToArray());
        return listing;
    }

    /// <summary>What differs, a few lines a name; empty when nothing does.</summary>
    public string DifferenceFrom(TreeListing expected)
    {
        var text = new StringBuilder();
        foreach (string name in _lines.Keys.Union(expected._lines.Keys).Order(StringComparer.Ordinal))
        {
            string? ours = _lines.GetValueOrDefault(name);
            string? theirs = expected._lines.GetValueOrDefault(name);
            if (ours != theirs)
            {
                text.Append($"{name}\n  expected {theirs ?? "nothing"}\n  found    {ours ?? "nothing"}\n");
            }
        }

        return text.ToString();
    }

    public override string ToString() => string.Concat(_lines.Select(line => $"{line.Key} {line.Value}\n"));

    private void Visit(byte[] path, byte[] name)
    {
        byte[] status = NativeFiles.Statx(path);
        int mode = BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(28));
        string key = ByteText.Escape(name);
        _lines[key] = Describe(path, key, status, mode);
        if ((mode & 0xF000) == 0x4000)
        {
            foreach (byte[] child in NativeFiles.Names(path))
            {
                Visit([.. path, (byte)'/', .. child], [.. name, (byte)'/', .. child]);
            }
        }
    }

    // Offsets are those of struct statx in linux/stat.h.
    private string Describe(byte[] path, string key, byte[] status, int mode)
    {
        var line = new StringBuilder();
        uint linkCount = BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(16));
        bool folder = Kind(mode) == "directory";
        bool copied = _facts.HasFlag(Facts.CopiedByEngine);
        if (copied && folder && (mode & 0xFFF) == 0b110_000_000 && Time(status, 112) == "recent")
        {
            // Parents that no layer names get 0600 up to 20.10 and 0755 since 23.0; we keep to what can be entered.
            mode |= 0b111_101_101;
        }

        line.Append($"{Kind(mode)} mode={Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0')}")
            .Append($" owner={UInt(status, 20)}:{UInt(status, 24)}");
        if (!folder)
        {
            line.Append($" size={BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(40))}");
        }

        if (_facts.HasFlag(Facts.Modified))
        {
            line.Append($" mtime={Time(status, 112)}");
        }

        if (_facts.HasFlag(Facts.Accessed))
        {
            line.Append($" atime={Time(status, 64)}");
        }

        if (Kind(mode) is "char" or "block")
        {
            line.Append($" device={UInt(status, 128)}:{UInt(status, 132)}");
        }

        if (Kind(mode) == "symlink")
        {
            line.Append($" -> {ByteText.Escape(NativeFiles.ReadLink(path))}");
        }

        // That engine makes one file each of hard links to symlinks and devices.
        if (!folder && linkCount > 1 && !(copied && Kind(mode) != "file"))
        {
            var inode = (((ulong)UInt(status, 136) << 32) | UInt(status, 140), BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(32)));
            line.Append($" links={linkCount} with={(_groups.TryAdd(inode, key) ? key : _groups[inode])}");
        }

        // And of the attributes it copies capabilities alone.
        foreach (string attribute in NativeFiles.AttributeNames(path)
            .Where(name => !copied || name == "security.capability").Order(StringComparer.Ordinal))
        {
            line.Append($" {attribute}={Convert.ToHexStringLower(NativeFiles.Attribute(path, attribute))}");
        }

        if (Kind(mode) == "file")
        {
            using FileStream content = NativeFiles.OpenRead(path);
            line.Append($" sha256={Convert.ToHexStringLower(SHA256.HashData(content))[..16]}");
        }

        return line.ToString();
    }

    private string Time(byte[] status, int at)
    {
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(at));
        // The clock of the file system ticks a little behind the clock of the process.
        return seconds >= _recent.ToUnixTimeSeconds() - 1 && seconds <= DateTimeOffset.UtcNow.ToUnixTimeSeconds()
            ? "recent"
            : $"{seconds}.{UInt(status, at + 8):d9}";
    }

    private static uint UInt(byte[] status, int at) => BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(at));

    private static string Kind(int mode) => (mode & 0xF000) switch
    {
        0x1000 => "fifo",
        0x2000 => "char",
        0x4000 => "directory",
        0x6000 => "block",
        0x8000 => "file",
        0xA000 => "symlink",
        _ => "socket",
    };
}
