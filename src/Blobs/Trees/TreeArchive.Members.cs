using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <content>Makes the header of each entry: as Go's FileInfoHeader, with dockerd's changes.</content>
public sealed partial class TreeArchive
{
    private const uint AllPermissions = 0x1ff;
    private const uint WhiteoutMode = 0b110_000_000;

    private readonly bool _isOverlayForm;
    private readonly DiffForm _form;
    private readonly OwnerNames? _names;
    private readonly Dictionary<ulong, byte[]> _linked = [];

    /// <summary>The attribute that holds file capabilities, zero-terminated.</summary>
    internal static ReadOnlySpan<byte> CapabilityZ => "security.capability\0"u8;

    private void Begin(TreeChange change)
    {
        if (!_path.TrySet(change.Path))
        {
            throw Errno.Error("open", Errno.NameTooLong, change.Path);
        }

        if (change.IsGone)
        {
            BeginWhiteout();
            return;
        }

        // An entry that disappears during the walk is left out; a tar cannot hold a socket.
        int errno = _directories.TryGet(_path.Parent, _path.ParentZ, out DirectoryHandle parent);
        FileStatus status = default;
        errno = errno == Errno.None ? parent.TryGetStatus(_path.BaseZ, out status) : errno;
        if (errno == Errno.NotFound || (errno == Errno.None && status.IsSocket))
        {
            return;
        }

        Errno.ThrowIfSet("stat", errno, change.Path);
        if (status.IsRegular && !OpenFile(parent, ref status))
        {
            return;
        }

        TarMember member = Describe(parent, change.Path, status);
        bool hasPayload = member.Type == TarEntryType.File && member.Size > 0;
        if (!hasPayload)
        {
            CloseFile();
        }

        BeginMember(member);
        _remaining = member.Size;
        if (!hasPayload)
        {
            _writer.End();
        }

        if (_isOverlayForm && status.IsDirectory && IsOpaque(parent))
        {
            BeginOpaque(member, status);
        }
    }

    // Size and times are those of the open file, even if its name changes.
    private bool OpenFile(DirectoryHandle parent, ref FileStatus status)
    {
        int errno = parent.TryOpenFile(_path.BaseZ, out int handle);
        if (errno is Errno.NotFound or Errno.TooManySymlinks)
        {
            return false;
        }

        Errno.ThrowIfSet("open", errno, _path.ToArray());
        _file = handle;
        Errno.ThrowIfSet("stat", FileStatus.TryGet(handle, out status), _path.ToArray());
        if (!status.IsRegular)
        {
            CloseFile();
        }

        return status.IsRegular;
    }

    private TarMember Describe(DirectoryHandle parent, byte[] path, in FileStatus status)
    {
        bool isWhiteout = _isOverlayForm && status.IsWhiteout;
        byte[]? first = FirstName(path, status);
        byte[] link = first ?? (status.IsSymlink ? parent.ReadLink(_path.BaseZ) : []);
        (uint user, uint group) = isWhiteout ? (status.User, status.Group) : OwnersOf(path, status);
        bool isDevice = status.IsCharacterDevice || status.Type == FileType.BlockDevice;
        return new TarMember
        {
            Name = isWhiteout ? MarkName(path) : status.IsDirectory ? [.. path, (byte)'/'] : path,

            // All whiteouts of a mount may share one inode. dockerd then takes the second for a hard link and turns it
            // back into a file, but leaves the link name in the header.
            Type = isWhiteout ? TarEntryType.File : first is not null ? TarEntryType.HardLink : TypeOf(status),
            LinkName = link,
            Size = status.IsRegular && first is null ? status.Length : 0,
            Mode = isWhiteout ? WhiteoutMode : _form == DiffForm.Engine24 ? status.Permissions : status.Mode,
            Uid = user,
            Gid = group,
            UserName = _names?.UserOf(status.User) ?? [],
            GroupName = _names?.GroupOf(status.Group) ?? [],
            ModifiedTime = new UnixTime(status.ModifiedSeconds, 0),
            DeviceMajor = isDevice ? status.DeviceMajor : 0,
            DeviceMinor = isDevice ? status.DeviceMinor : 0,
            Xattrs = CapabilityOf(parent),
        };
    }

    // The kernel creates whiteouts, so dockerd does not map their owner.
    private (uint User, uint Group) OwnersOf(byte[] path, in FileStatus status) => _owners.IsNone
        ? (status.User, status.Group)
        : _owners.LayerUser(status.User) is { } user && _owners.LayerGroup(status.Group) is { } group
            ? (user, group)
            : throw new StoreException(
                Encoding.UTF8.GetString(path),
                $"{Printable.Quote(path)} belongs to {status.User}:{status.Group}, which this data root's user remapping lacks");

    // The first name of a file with several hard links; null when this is the first.
    private byte[]? FirstName(byte[] path, in FileStatus status)
    {
        if (status.IsDirectory || status.LinkCount < 2)
        {
            return null;
        }

        return _linked.TryAdd(status.Inode, path) ? null : _linked[status.Inode];
    }

    private void BeginWhiteout()
    {
        // The current time, which dockerd rounds to a second.
        long milliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        BeginMember(new TarMember
        {
            Name = MarkName(_path.ToArray()),
            Mode = 0,
            ModifiedTime = new UnixTime((milliseconds + 500) / 1000, 0),
        });
        _writer.End();
    }

    private void BeginOpaque(TarMember directory, in FileStatus status)
    {
        BeginMember(new TarMember
        {
            Name = [.. directory.Name, .. WhiteoutName.Opaque],
            Mode = status.Mode & AllPermissions,
            Uid = directory.Uid,
            Gid = directory.Gid,
            UserName = directory.UserName,
            GroupName = directory.GroupName,
        });
        _writer.End();
    }

    private bool IsOpaque(DirectoryHandle parent)
    {
        byte[]? value = parent.GetXattr(_path.BaseZ, OverlayFileSystem.OpaqueZ)
            ?? (OverlayFileSystem.NeedsUserXattrs || !CurrentUser.IsRoot
                ? parent.GetXattr(_path.BaseZ, OverlayFileSystem.UserOpaqueZ)
                : null);
        return value is [(byte)'y'];
    }

    // Converts a capability of one user namespace (revision 3: 24 bytes, the last four its root) to one without a
    // namespace (linux/capability.h, VFS_CAP_REVISION_2).
    private KeyValuePair<string, byte[]>[] CapabilityOf(DirectoryHandle parent)
    {
        const int NamespacedBytes = 24;
        const int RevisionByte = 3;
        byte[]? value = parent.GetXattr(_path.BaseZ, CapabilityZ);
        if (value is { Length: NamespacedBytes } && value[RevisionByte] == 3)
        {
            value = value[..^sizeof(uint)];
            value[RevisionByte] = 2;
        }

        return value is null or [] ? [] : [new("security.capability", value)];
    }

    private static byte[] MarkName(byte[] path)
    {
        int slash = path.AsSpan().LastIndexOf((byte)'/');
        return [.. path.AsSpan(0, slash + 1), .. WhiteoutName.Prefix, .. path.AsSpan(slash + 1)];
    }

    private static TarEntryType TypeOf(in FileStatus status) => status.Type switch
    {
        FileType.Directory => TarEntryType.Directory,
        FileType.Symlink => TarEntryType.SymbolicLink,
        FileType.CharacterDevice => TarEntryType.CharacterDevice,
        FileType.BlockDevice => TarEntryType.BlockDevice,
        FileType.Fifo => TarEntryType.Fifo,
        _ => TarEntryType.File,
    };
}
