using System.Buffers.Binary;
using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Seen;

namespace Blobs.Interop.Replay;

/// <summary>A folder as inodes and names, read from a disk, changed by operations, and put down again somewhere else.</summary>
internal sealed class DiskState
{
    public const int Root = 0;

    // The kernel sets it on a layer that is mounted for the first time.
    private const string KernelsAttribute = "trusted.overlay.uuid";

    private readonly Dictionary<int, Inode> _inodes = [];
    private readonly Dictionary<int, SortedDictionary<string, int>> _names = [];

    private DiskState()
    {
    }

    /// <summary>Everything below a folder.</summary>
    public static DiskState Read(string folder)
    {
        var disk = new DiskState();
        disk.Read(Encoding.UTF8.GetBytes(folder), []);
        return disk;
    }

    public DiskState Clone()
    {
        var copy = new DiskState();
        foreach ((int number, Inode inode) in _inodes)
        {
            copy._inodes.Add(number, inode);
        }

        foreach ((int number, SortedDictionary<string, int> names) in _names)
        {
            copy._names.Add(number, new SortedDictionary<string, int>(names, StringComparer.Ordinal));
        }

        return copy;
    }

    /// <summary>Something new that has no name yet.</summary>
    public int Add(Inode inode)
    {
        int number = _inodes.Count;
        _inodes.Add(number, inode);
        if (inode.Type == '5')
        {
            _names.Add(number, new SortedDictionary<string, int>(StringComparer.Ordinal));
        }

        return number;
    }

    public Inode this[int inode] => _inodes[inode];

    public SortedDictionary<string, int> Names(int directory) => _names[directory];

    public void Change(int inode, Func<Inode, Inode> change) => _inodes[inode] = change(_inodes[inode]);

    /// <summary>Takes a name away, and from a directory any other: it has never two.</summary>
    public void RemoveNames(int target, int directory, string name)
    {
        if (_inodes[target].Type != '5')
        {
            Remove(directory, name, target);
            return;
        }

        foreach (SortedDictionary<string, int> names in _names.Values)
        {
            foreach (string found in names.Where(pair => pair.Value == target).Select(pair => pair.Key).ToArray())
            {
                names.Remove(found);
            }
        }
    }

    /// <summary>The inode at a path below the root, which has no links in its directories; null when there is none.</summary>
    public int? Find(string path)
    {
        int at = Root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != "."))
        {
            if (!_names.TryGetValue(at, out SortedDictionary<string, int>? names) || !names.TryGetValue(name, out at))
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>As an archive, which is also what tells two states apart.</summary>
    public byte[] ToTar()
    {
        var tar = new TarBuilder();
        Write(tar, Root, "", []);
        return tar.ToArray();
    }

    /// <summary>A line for each name, for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Describe(text, Root, "");
        return text.ToString();
    }

    private void Remove(int directory, string name, int target)
    {
        if (_names[directory].TryGetValue(name, out int there) && there == target)
        {
            _names[directory].Remove(name);
        }
    }

    private void Describe(StringBuilder text, int directory, string path)
    {
        // What the kernel keeps in an overlay's work directory is seen by nobody.
        foreach ((string name, int number) in _names[directory].Where(entry => entry.Key != "work" || !path.EndsWith("/work/", StringComparison.Ordinal)))
        {
            Inode inode = _inodes[number];
            text.Append($"{path}{name} type={inode.Type} mode={Convert.ToString(inode.Mode, 8)} owner={inode.Uid}:{inode.Gid} ")
                .Append($"{inode.Content.Length} {Sha256Text.Of(inode.Content)[..15]} {inode.Device} ")
                .AppendJoin(' ', inode.Attributes.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={Convert.ToHexStringLower(pair.Value)}"))
                .Append('\n');
            if (inode.Type == '5')
            {
                Describe(text, number, $"{path}{name}/");
            }
        }
    }

    // Directories lie before what is in them, and the first name of a file before its others.
    private void Write(TarBuilder tar, int directory, string path, Dictionary<int, string> written)
    {
        foreach ((string name, int number) in _names[directory])
        {
            string whole = path + name;
            Inode inode = _inodes[number];
            bool isLink = !written.TryAdd(number, whole);
            Assert.False(isLink && inode.Type == '5', $"{whole} is a directory with two names");
            tar.Add(new TarMember(Encoding.Latin1.GetBytes(inode.Type == '5' ? $"{whole}/" : whole), isLink ? '1' : inode.Type)
            {
                Mode = inode.Mode,
                Uid = inode.Uid,
                Gid = inode.Gid,
                ModifiedSeconds = inode.Modified.Seconds,
                ModifiedNanoseconds = inode.Modified.Nanoseconds,
                Link = isLink ? Encoding.Latin1.GetBytes(written[number]) : inode.Type == '2' ? inode.Content : [],
                Content = isLink || inode.Type == '2' ? [] : inode.Content,
                DeviceMajor = inode.Device.Major,
                DeviceMinor = inode.Device.Minor,
                Attributes = isLink ? [] : [.. inode.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value))],
            });
            if (inode.Type == '5')
            {
                Write(tar, number, $"{whole}/", written);
            }
        }
    }

    private int Read(byte[] path, Dictionary<ulong, int> seen)
    {
        // Offsets are those of struct statx in linux/stat.h.
        byte[] status = NativeFiles.Statx(path);
        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(32));
        if (seen.TryGetValue(id, out int known))
        {
            return known;
        }

        int mode = BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(28));
        char type = (mode & 0xF000) switch { 0x1000 => '6', 0x2000 => '3', 0x4000 => '5', 0x6000 => '4', 0xA000 => '2', _ => '0' };
        int number = Add(new Inode(type)
        {
            Mode = mode & 0xFFF,
            Uid = Number(status, 20),
            Gid = Number(status, 24),
            Modified = (BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(112)), (int)Number(status, 120)),
            Content = type == '2' ? NativeFiles.ReadLink(path) : type == '0' ? Content(path) : [],
            Device = type is '3' or '4' ? ((int)Number(status, 128), (int)Number(status, 132)) : default,
            Attributes = NativeFiles.AttributeNames(path).Where(name => name != KernelsAttribute)
                .ToDictionary(name => name, name => NativeFiles.Attribute(path, name)),
        });
        seen.Add(id, number);
        foreach (byte[] name in type == '5' ? NativeFiles.Names(path) : [])
        {
            _names[number].Add(SystemCall.Latin(name), Read([.. path, (byte)'/', .. name], seen));
        }

        return number;
    }

    private static byte[] Content(byte[] path)
    {
        using FileStream file = NativeFiles.OpenRead(path);
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    private static uint Number(byte[] status, int at) => BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(at));
}
