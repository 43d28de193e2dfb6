using System.Globalization;
using System.Text.RegularExpressions;

namespace Blobs.Interop.Replay;

/// <summary>Turns calls into operations on the inodes of one folder, following along which name means which.</summary>
internal sealed partial class OperationReader(string folder, DiskState before, DiskState live)
{
    private readonly Dictionary<int, long> _positions = [];
    private readonly Dictionary<int, string> _paths = [];
    private readonly List<Operation> _operations = [];

    public IReadOnlyList<Operation> Operations => _operations;

    public void Read(SystemCall call)
    {
        switch (call.Name)
        {
            case "open":
                Open(call, call.Path(0), 1);
                break;
            case "openat":
                Open(call, call.PathAt(0, 1), 2);
                break;
            case "openat2":
                Assert.DoesNotContain("O_CREAT", call.Arguments[2], StringComparison.Ordinal);
                _paths[(int)call.Value] = call.ResultPath;
                break;
            case "creat":
                Assert.Fail("creat is not expected of anything that runs on .NET");
                break;
            case "lseek":
                _positions[call.Handle(0)] = call.Value;
                break;
            case "write":
                WriteNext(call, call.Handle(0), call.HandlePath(0), () => call.Bytes(1));
                break;
            case "pwrite64":
                Write(call, call.HandlePath(0), call.Number(3), () => call.Bytes(1));
                break;
            case "writev":
                WriteNext(call, call.Handle(0), call.HandlePath(0), () => Vector(call.Arguments[1]));
                break;
            case "pwritev":
                Write(call, call.HandlePath(0), call.Number(3), () => Vector(call.Arguments[1]));
                break;
            case "copy_file_range":
                Copy(call, 0, 1, 2, 3);
                break;
            case "sendfile":
                Copy(call, 1, 2, 0, null);
                break;
            case "truncate":
                Length(call, call.Path(0), call.Number(1));
                break;
            case "ftruncate":
                Length(call, call.HandlePath(0), call.Number(1));
                break;
            case "fallocate":
                Allocate(call);
                break;
            case "fsync" or "fdatasync":
                SyncOne(call);
                break;
            case "syncfs" or "sync":
                Add(call, new Sync(call.Name, null));
                break;
            case "sync_file_range":
                // A hint to the kernel, and no promise.
                break;
            default:
                ReadNames(call);
                break;
        }
    }

    private void ReadNames(SystemCall call)
    {
        switch (call.Name)
        {
            case "mkdir":
                Make(call, call.Path(0), new Inode('5') { Mode = call.Octal(1) });
                break;
            case "mkdirat":
                Make(call, call.PathAt(0, 1), new Inode('5') { Mode = call.Octal(2) });
                break;
            case "symlink":
                Make(call, call.Path(1), new Inode('2') { Mode = 0b111_111_111, Content = call.Bytes(0) });
                break;
            case "symlinkat":
                Make(call, call.PathAt(1, 2), new Inode('2') { Mode = 0b111_111_111, Content = call.Bytes(0) });
                break;
            case "mknod":
                Make(call, call.Path(0), Node(call, 1));
                break;
            case "mknodat":
                Make(call, call.PathAt(0, 1), Node(call, 2));
                break;
            case "link":
                Link(call, call.Path(0), call.Path(1));
                break;
            case "linkat":
                Link(call, call.PathAt(0, 1), call.PathAt(2, 3));
                break;
            case "rename":
                Move(call, call.Path(0), call.Path(1));
                break;
            case "renameat" or "renameat2":
                Move(call, call.PathAt(0, 1), call.PathAt(2, 3));
                break;
            case "unlink" or "rmdir":
                Remove(call, call.Path(0));
                break;
            case "unlinkat":
                Remove(call, call.PathAt(0, 1));
                break;
            default:
                ReadChange(call);
                break;
        }
    }

    private void ReadChange(SystemCall call)
    {
        switch (call.Name)
        {
            case "chmod":
                Change(call, call.Path(0), inode => inode with { Mode = call.Octal(1) });
                break;
            case "fchmod":
                Change(call, call.HandlePath(0), inode => inode with { Mode = call.Octal(1) });
                break;
            case "fchmodat":
                Change(call, call.PathAt(0, 1), inode => inode with { Mode = call.Octal(2) });
                break;
            case "chown" or "lchown":
                Change(call, call.Path(0), inode => inode with { Uid = call.Number(1), Gid = call.Number(2) });
                break;
            case "fchown":
                Change(call, call.HandlePath(0), inode => inode with { Uid = call.Number(1), Gid = call.Number(2) });
                break;
            case "fchownat":
                Change(call, call.PathAt(0, 1), inode => inode with { Uid = call.Number(2), Gid = call.Number(3) });
                break;
            case "utimensat":
                Times(call);
                break;
            case "setxattr" or "lsetxattr":
                Change(call, call.Path(0), inode => inode.WithAttribute(call.Path(1), call.Bytes(2)));
                break;
            case "fsetxattr":
                Change(call, call.HandlePath(0), inode => inode.WithAttribute(call.Path(1), call.Bytes(2)));
                break;
            default:
                Assert.True(Below(call.HandlePath(0)) is null, $"nobody here knows what {call.Name} does");
                break;
        }
    }

    private void Open(SystemCall call, string asked, int flags)
    {
        // The path of the handle is the one without links.
        string path = call.ResultPath;
        _positions[(int)call.Value] = 0;
        _paths[(int)call.Value] = path;
        if (Below(path) is not string name || call.Arguments[flags].Contains("O_TMPFILE", StringComparison.Ordinal))
        {
            return;
        }

        if (live.Find(name) is null)
        {
            Assert.True(call.Arguments[flags].Contains("O_CREAT", StringComparison.Ordinal), $"{asked} is opened, and nobody made it");
            Make(call, path, new Inode('0') { Mode = call.Octal(flags + 1) });
        }
        else if (call.Arguments[flags].Contains("O_TRUNC", StringComparison.Ordinal))
        {
            Length(call, path, 0);
        }

        if (call.Arguments[flags].Contains("O_APPEND", StringComparison.Ordinal))
        {
            _positions[(int)call.Value] = live[Inode(name)].Content.Length;
        }
    }

    private void WriteNext(SystemCall call, int handle, string path, Func<byte[]> bytes)
    {
        long position = _positions.GetValueOrDefault(handle);
        _positions[handle] = position + call.Value;
        Write(call, path, position, bytes);
    }

    private void Write(SystemCall call, string path, long offset, Func<byte[]> bytes)
    {
        if (Below(path) is string name)
        {
            Add(call, new WriteBytes($"{call.Name} {name} at {offset}", Inode(name), offset, bytes()[..(int)call.Value]));
        }
    }

    private void Copy(SystemCall call, int source, int sourceOffset, int target, int? targetOffset)
    {
        long from = Offset(call, source, sourceOffset);
        long to = Offset(call, target, targetOffset);
        Write(call, call.HandlePath(target), to, () => Bytes(call.HandlePath(source))[(int)from..]);
    }

    // Where a copy begins: a number in memory, or else where the handle stands, which then moves.
    private long Offset(SystemCall call, int handle, int? argument)
    {
        if (argument is int number && Numbers().Match(call.Arguments[number]) is { Success: true } given)
        {
            return long.Parse(given.ValueSpan, CultureInfo.InvariantCulture);
        }

        long position = _positions.GetValueOrDefault(call.Handle(handle));
        _positions[call.Handle(handle)] = position + call.Value;
        return position;
    }

    private byte[] Bytes(string path) => Below(path) is string name ? live[Inode(name)].Content : File.ReadAllBytes(path);

    private void Length(SystemCall call, string path, long length)
    {
        if (Below(path) is string name)
        {
            Add(call, new SetLength($"{call.Name} {name} to {length}", Inode(name), length));
        }
    }

    private void Allocate(SystemCall call)
    {
        long end = call.Number(2) + call.Number(3);
        if (call.Arguments[1] == "0" && Below(call.HandlePath(0)) is string name && live[Inode(name)].Content.Length < end)
        {
            Length(call, call.HandlePath(0), end);
        }
    }

    private void SyncOne(SystemCall call)
    {
        if (Below(call.HandlePath(0)) is string name)
        {
            Add(call, new Sync($"{call.Name} {name}", Inode(name)));
        }
    }

    private void Make(SystemCall call, string path, Inode inode)
    {
        if (Below(path) is string name)
        {
            int number = before.Add(inode);
            Assert.Equal(number, live.Add(inode));
            (int directory, string last) = Place(name);
            Add(call, new EnterName($"{call.Name} {name}", directory, last, number));
        }
    }

    private static Inode Node(SystemCall call, int mode)
    {
        char type = call.Arguments[mode].Split('|')[0] switch { "S_IFCHR" => '3', "S_IFBLK" => '4', "S_IFIFO" => '6', _ => '0' };
        int[] device = type is '3' or '4'
            ? [.. Numbers().Matches(call.Arguments[mode + 1].Replace("0x", "", StringComparison.Ordinal))
                .Select(number => int.Parse(number.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]
            : [0, 0];
        return new Inode(type) { Mode = call.Octal(mode), Device = (device[0], device[1]) };
    }

    private void Link(SystemCall call, string source, string target)
    {
        if (Below(source) is string from && Below(target) is string to)
        {
            (int directory, string last) = Place(to);
            Add(call, new EnterName($"{call.Name} {from} {to}", directory, last, Inode(from)));
        }
    }

    private void Move(SystemCall call, string source, string target)
    {
        if (Below(source) is string from && Below(target) is string to)
        {
            (int directory, string name) = Place(from);
            (int newDirectory, string newName) = Place(to);
            Add(call, new MoveName($"{call.Name} {from} {to}", directory, name, newDirectory, newName, Inode(from)));
        }
    }

    private void Remove(SystemCall call, string path)
    {
        if (Below(path) is string name)
        {
            (int directory, string last) = Place(name);
            Add(call, new RemoveName($"{call.Name} {name}", directory, last));
        }
    }

    private void Times(SystemCall call)
    {
        Match time = Time().Matches(call.Arguments[2]).ElementAtOrDefault(1) ?? Match.Empty;
        if (time.Success)
        {
            (long, int) modified = (long.Parse(time.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(time.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
            Change(call, call.PathAt(0, 1), inode => inode with { Modified = modified });
        }
    }

    private void Change(SystemCall call, string path, Func<Inode, Inode> change)
    {
        if (Below(path) is string name)
        {
            Add(call, new ChangeInode($"{call.Name} {name}", Inode(name), change));
        }
    }

    private void Add(SystemCall call, Operation operation)
    {
        operation = operation with { Started = call.Started, Ended = call.Ended };
        operation.Apply(live);
        _operations.Add(operation);
    }

    // What is written into a mounted tree is written into its upper directory. Null when the folder is not above it, or when it is of a mounted overlay itself, which the kernel makes where no call is seen.
    // Attributes are only set by paths, which may go through a handle.
    private string? Below(string path)
    {
        if (ThroughHandle().Match(path) is { Success: true } handle)
        {
            path = _paths[int.Parse(handle.Groups[1].ValueSpan, CultureInfo.InvariantCulture)] + path[handle.Length..];
        }

        path = path.Replace("/merged/", "/diff/", StringComparison.Ordinal);
        bool isBelow = path == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal);
        return isBelow && !OfTheKernel().IsMatch(path) ? path[folder.Length..].Trim('/') : null;
    }

    private int Inode(string name) => live.Find(name) ?? throw new InvalidOperationException($"{name} is used, and nobody made it");

    private (int Directory, string Name) Place(string name)
    {
        int slash = name.LastIndexOf('/');
        return (Inode(slash < 0 ? "" : name[..slash]), name[(slash + 1)..]);
    }

    private static byte[] Vector(string argument) =>
        [.. Base().Matches(argument).SelectMany(part => Convert.FromHexString(part.Groups[1].Value.Replace(@"\x", "", StringComparison.Ordinal)))];

    [GeneratedRegex(@"[0-9a-f]+(?=[,\]) ]|$)")]
    private static partial Regex Numbers();

    [GeneratedRegex("/work/work(/|$)")]
    private static partial Regex OfTheKernel();

    [GeneratedRegex(@"^/proc/self/fd/(\d+)")]
    private static partial Regex ThroughHandle();

    [GeneratedRegex(@"tv_sec=(-?\d+), tv_nsec=(\d+)|UTIME_\w+")]
    private static partial Regex Time();

    [GeneratedRegex("iov_base=\"([^\"]*)\"")]
    private static partial Regex Base();
}
