using System.Runtime.CompilerServices;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.Trees;
using Blobs.Trees.Internal;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// Compares a layer's tree with its tar: types, modes, owners, times, link targets, devices, attributes. Nothing else
/// may be there, except, for drivers that keep whole trees, what the layer below has. Contents of the layer's own files
/// are verified elsewhere.
/// </summary>
internal sealed class TreeChecker : IDisposable
{
    private const string Capability = "security.capability";

    private static readonly Dictionary<string, byte[]> None = [];

    private readonly VerifyRun _run;
    private readonly ExpectedTree _expected;
    private readonly string _tree;
    private readonly DirectoryHandle _root;
    private readonly DirectoryCache _directories;
    private readonly SafePath _path;
    private readonly bool _isOverlay;
    private readonly string? _lowerTree;
    private readonly OwnerMap _owners;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _parents =
        new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly HashSet<ulong> _known = [];
    private readonly Dictionary<ulong, (long Order, List<(string Path, string Problem)> Problems)> _directoriesSeen = [];
    private List<(string Path, string Problem)>? _held;
    private bool _isRight = true;

    /// <param name="run">Takes the findings.</param>
    /// <param name="expected">The expected tree.</param>
    /// <param name="tree">The directory.</param>
    /// <param name="isOverlay">Whether the tree has only this layer's files, in overlayfs's form.</param>
    /// <param name="lowerTree">Otherwise, the tree of the layer below, which this one must include; null for the lowest
    /// layer.</param>
    /// <param name="owners">Maps the tar's owners to those in the tree.</param>
    public TreeChecker(
        VerifyRun run, ExpectedTree expected, string tree, bool isOverlay, string? lowerTree, OwnerMap owners)
    {
        _owners = owners;
        _run = run;
        _expected = expected;
        _tree = tree;
        _isOverlay = isOverlay;
        _lowerTree = lowerTree;
        _root = DirectoryHandle.Open(tree);
        _directories = new DirectoryCache(_root);
        _path = new SafePath(run.Limits);
    }

    /// <summary>Whether files may have fractions of a second, which the tar has not.</summary>
    public bool HasFinerTimes { get; init; }

    /// <summary>Bytes of regular files and links, each counted once; only of a tree in overlayfs's form.</summary>
    public long FileBytes { get; private set; }

    /// <summary>Whether all files of the layer's tar could be read.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>True when all could be read and nothing is wrong.</summary>
    public bool Check()
    {
        CheckEntries();
        if (!IsWhole)
        {
            // Files that could not be read are unknown, and would be reported as superfluous.
            _run.Fail(_tree, "was not searched for files that are not in the layer's tar, because some that are could not be read");
            return false;
        }

        if (_isOverlay)
        {
            foreach (string path in _expected.Opaque)
            {
                Attempt(path, () => CheckOpaque(path));
            }

            Attempt("", () => Walk(_root, ""));
        }
        else
        {
            using DirectoryHandle? lower = _lowerTree is null ? null : DirectoryHandle.Open(_lowerTree);
            new InheritedTree(_expected, _known, Wrong, Attempt, _run.CancellationToken).Check(_root, lower, "");
        }

        return _isRight && IsWhole;
    }

    public void Dispose()
    {
        _directories.Dispose();
        _root.Dispose();
    }

    private void CheckEntries()
    {
        foreach ((string path, ExpectedEntry entry) in _expected.Entries)
        {
            _run.CancellationToken.ThrowIfCancellationRequested();
            if (!_isOverlay && entry.IsWhiteout)
            {
                continue;
            }

            try
            {
                CheckEntry(path, entry);
            }
            catch (SystemCallException fault)
            {
                _run.Note(FullPath(path), fault);
                IsWhole = false;
            }

            _held = null;
        }

        foreach ((string path, string problem) in _directoriesSeen.Values.SelectMany(seen => seen.Problems))
        {
            Wrong(path, problem);
        }
    }

    // Through symbolic links a directory may have several names in the tar: the last header counts.
    private void HoldBack(ulong inode, long order)
    {
        _held = [];
        if (!_directoriesSeen.TryGetValue(inode, out (long Order, List<(string, string)>) seen) || seen.Order < order)
        {
            _directoriesSeen[inode] = (order, _held);
        }
    }

    private void CheckEntry(string path, ExpectedEntry entry)
    {
        _path.TrySet(Encoding.Latin1.GetBytes(path));
        int errno = _directories.TryGet(_path.Parent, _path.ParentZ, out DirectoryHandle parent);
        FileStatus status = default;
        errno = errno == Errno.None ? parent.TryGetStatus(_path.BaseZ, out status) : errno;
        Errno.ThrowIfTrouble("stat", errno, _path.ToArray());
        if (errno != Errno.None)
        {
            Wrong(path, "is in the layer's tar, but not in its tree");
            return;
        }

        KnowParents(path);
        if (_known.Add(status.Inode) && (status.IsRegular || status.IsSymlink))
        {
            FileBytes += status.Length;
        }

        if (Kind(entry) != status.Type)
        {
            Wrong(path, $"is {Name(status.Type)}, expected {Name(Kind(entry))}");
            return;
        }

        if (entry.IsWhiteout)
        {
            Expect(path, status.IsWhiteout, $"is a device, expected a whiteout");
            return;
        }

        if (status.IsDirectory)
        {
            HoldBack(status.Inode, entry.Order);
        }

        if (!status.IsSymlink)
        {
            Expect(path, status.Permissions == entry.Mode, $"has mode {Octal(status.Permissions)}, expected {Octal(entry.Mode)}");
        }

        if (CurrentUser.IsRoot)
        {
            uint user = HostOf(entry.User, _owners.HostUser) ?? status.User;
            uint group = HostOf(entry.Group, _owners.HostGroup) ?? status.Group;
            Expect(
                path,
                (user, group) == (status.User, status.Group),
                $"belongs to {status.User}:{status.Group}, expected {user}:{group}");
        }

        (long seconds, long nanoseconds) = status.IsSymlink
            ? (entry.Modified.Seconds, entry.Modified.Nanoseconds)
            : TreeWriter.InRange(entry.Modified.Seconds, entry.Modified.Nanoseconds);
        bool areTimesKept = _isOverlay || !status.IsDirectory;
        bool isFiner = HasFinerTimes && nanoseconds == 0;
        Expect(
            path,
            !areTimesKept || (status.ModifiedSeconds == seconds && (isFiner || status.ModifiedNanoseconds == nanoseconds)),
            $"was changed at {status.ModifiedSeconds}.{status.ModifiedNanoseconds:d9}, expected {seconds}.{nanoseconds:d9}");
        if (status.IsSymlink)
        {
            byte[] target = parent.ReadLink(_path.BaseZ);
            Expect(path, target.AsSpan().SequenceEqual(entry.Target), $"leads to {Shown(target)}, expected {Shown(entry.Target)}");
        }

        if (entry.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
        {
            Expect(
                path,
                (status.DeviceMajor, status.DeviceMinor) == entry.Device,
                $"is device {status.DeviceMajor}:{status.DeviceMinor}, expected {entry.Device.Major}:{entry.Device.Minor}");
        }

        CheckXattrs(path, parent, entry, status);
    }

    private uint? HostOf(uint? id, Func<long, uint?> map) => id is { } owner && !_owners.IsNone ? map(owner) ?? owner : id;

    // Checks the tar's attributes, and that there are no others that affect programs: capabilities and user attributes.
    private void CheckXattrs(string path, DirectoryHandle parent, ExpectedEntry entry, in FileStatus status)
    {
        foreach ((string name, byte[] value) in entry.Xattrs ?? None)
        {
            int errno = parent.TryGetXattr(_path.BaseZ, Encoding.UTF8.GetBytes($"{name}\0"), out byte[]? found);

            // Attributes that only root may set are missing without root, and those that the file system does not
            // support always.
            bool isSkipped = errno == Errno.NotSupported || (found is null && !CurrentUser.IsRoot);
            Expect(
                path,
                isSkipped || KernelAttribute.IsAsSet(name, value, found, status.Type, entry.Mode),
                $"has attribute {name} {Shown(found, "not at all")}, expected {Convert.ToHexStringLower(value)}");
        }

        byte[] names = parent.ListXattrs(_path.BaseZ);
        foreach (string name in Encoding.UTF8.GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isOverlays = name.StartsWith("user.overlay.", StringComparison.Ordinal);
            bool matters = name == Capability || (name.StartsWith("user.", StringComparison.Ordinal) && !isOverlays);
            bool isRight = !matters || entry.Xattrs?.ContainsKey(name) == true || (status.IsDirectory && IsInherited(parent, name));
            Expect(path, isRight, $"has an attribute {name}, which the layer's tar does not have");
        }
    }

    // In drivers that keep whole trees, a directory of the layer below exists already, and keeps attributes that are
    // not set again.
    private bool IsInherited(DirectoryHandle parent, string name)
    {
        if (_isOverlay || _lowerTree is null)
        {
            return false;
        }

        using DirectoryHandle lower = DirectoryHandle.Open(_lowerTree);
        int errno = lower.TryOpenInside([.. _path.ToArray(), 0], out DirectoryHandle? directory);
        Errno.ThrowIfTrouble("open", errno, _path.ToArray());
        if (errno != Errno.None)
        {
            return false;
        }

        using (directory)
        {
            byte[] nameZ = Encoding.UTF8.GetBytes($"{name}\0");
            byte[]? below = directory!.GetXattr(".\0"u8, nameZ);
            return below is not null && below.AsSpan().SequenceEqual(parent.GetXattr(_path.BaseZ, nameZ));
        }
    }

    private void CheckOpaque(string path)
    {
        byte[] nameZ = path.Length == 0 ? [(byte)'.', 0] : [.. Encoding.Latin1.GetBytes(path), 0];
        int errno = _root.TryOpenInside(nameZ, out DirectoryHandle? directory);
        Errno.ThrowIfTrouble("open", errno, nameZ);
        if (errno != Errno.None)
        {
            Wrong(path, "is in the layer's tar, but not in its tree");
            return;
        }

        using (directory)
        {
            byte[]? mark = directory!.GetXattr(".\0"u8, OverlayFileSystem.OpaqueZ)
                ?? directory!.GetXattr(".\0"u8, OverlayFileSystem.UserOpaqueZ);
            Expect(path, mark is [(byte)'y'], $"is opaque in the layer's tar, but has no opaque attribute");
        }
    }

    // Parent directories that the tar does not name are created implicitly.
    private void KnowParents(string path)
    {
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (!_parents.Add(path.AsSpan(0, slash)))
            {
                return;
            }

            byte[] nameZ = [.. Encoding.Latin1.GetBytes(path[..slash]), 0];
            int errno = _root.TryOpenInside(nameZ, out DirectoryHandle? directory);
            Errno.ThrowIfTrouble("open", errno, nameZ);
            if (errno == Errno.None)
            {
                using (directory)
                {
                    Errno.ThrowIfSet("stat", directory!.TryGetStatus(".\0"u8, out FileStatus status), nameZ);
                    _known.Add(status.Inode);
                }
            }
        }
    }

    private void Walk(DirectoryHandle directory, string prefix)
    {
        foreach ((byte[] nameZ, ulong inode, uint type) in directory.ListEntries())
        {
            if (_known.Contains(inode) && type is not (FileType.Directory or FileType.Unknown))
            {
                continue;
            }

            string path = prefix + Encoding.Latin1.GetString(nameZ.AsSpan(..^1));
            Expect(path, _known.Contains(inode), $"is in the tree, but not in the layer's tar");
            if (type is FileType.Directory or FileType.Unknown)
            {
                Attempt(path, () => WalkChild(directory, nameZ, path));
            }
        }
    }

    private void WalkChild(DirectoryHandle directory, byte[] nameZ, string path)
    {
        using DirectoryHandle? child = TreeWalk.TryOpen(directory, nameZ);
        if (child is not null)
        {
            Walk(child, $"{path}/");
        }
    }

    private void Attempt(string path, Action work) => IsWhole &= _run.Try(FullPath(path), work);

    private static uint Kind(ExpectedEntry entry) => entry.Type switch
    {
        TarEntryType.Directory => FileType.Directory,
        TarEntryType.SymbolicLink => FileType.Symlink,
        TarEntryType.CharacterDevice => FileType.CharacterDevice,
        TarEntryType.BlockDevice => FileType.BlockDevice,
        TarEntryType.Fifo => FileType.Fifo,
        _ => FileType.Regular,
    };

    private static string Name(uint type) => type switch
    {
        FileType.Directory => "a directory",
        FileType.Symlink => "a link",
        FileType.CharacterDevice or FileType.BlockDevice => "a device",
        FileType.Fifo => "a fifo",
        FileType.Regular => "a file",
        _ => "something else",
    };

    private static string Octal(uint mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    private static string Shown(byte[]? value, string none) => value is null ? none : Convert.ToHexStringLower(value);

    private static string Shown(byte[] bytes) => Printable.Quote(bytes);

    private void Expect(string path, bool isRight, [InterpolatedStringHandlerArgument(nameof(isRight))] Problem problem)
    {
        if (!isRight)
        {
            Wrong(path, problem.ToText());
        }
    }

    private void Wrong(string path, string problem)
    {
        if (_held is not null)
        {
            _held.Add((path, problem));
            return;
        }

        _isRight = false;
        _run.Find(FullPath(path), problem);
    }

    private string FullPath(string path) => Path.Combine(_tree, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(path)));
}
