using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <content>Creates entries of each type.</content>
public sealed partial class TreeWriter
{
    private readonly HashSet<string> _separated = [];
    private byte[] _linkTarget = new byte[256];

    private void Make(DirectoryHandle parent, TarEntry entry)
    {
        switch (entry.Type)
        {
            case TarEntryType.File or TarEntryType.ContiguousFile or TarEntryType.GnuSparse:
                MakeFile(parent, entry);
                break;
            case TarEntryType.Directory:
                MakeDirectory(parent, entry);
                break;
            case TarEntryType.SymbolicLink:
                MakeSymlink(parent, entry);
                break;
            case TarEntryType.HardLink:
                MakeHardLink(entry);
                break;
            case TarEntryType.CharacterDevice:
                MakeNode(parent, entry, FileType.CharacterDevice);
                break;
            case TarEntryType.BlockDevice:
                MakeNode(parent, entry, FileType.BlockDevice);
                break;
            case TarEntryType.Fifo:
                MakeNode(parent, entry, FileType.Fifo);
                break;
            default:
                string type = Printable.Quote([(byte)entry.Type]);
                throw Refused(Fault.EntryType, entry, $"has type {type}, which Docker does not unpack");
        }
    }

    private void MakeFile(DirectoryHandle parent, TarEntry entry)
    {
        uint mode = (uint)entry.Mode & PermissionBits;
        int errno = parent.TryCreateFile(_path.BaseZ, mode, out _handle);
        if (errno == Errno.Exists)
        {
            ClearWay(parent, entry);
            errno = parent.TryCreateFile(_path.BaseZ, mode, out _handle);
        }

        ThrowIfSet("open", errno, entry);
        _file = entry;
        _sparseIndex = 0;
        _sparsePosition = 0;
    }

    private void MakeDirectory(DirectoryHandle parent, TarEntry entry)
    {
        uint mode = (uint)entry.Mode & PermissionBits;

        // Without root, a directory must let its owner in until everything in it is made.
        uint birthMode = CurrentUser.IsRoot ? mode : mode | OwnerAll;
        int errno = parent.MakeDirectory(_path.BaseZ, birthMode);
        bool isMerged = false;
        if (errno == Errno.Exists)
        {
            ThrowIfSet("stat", parent.TryGetStatus(_path.BaseZ, out FileStatus status), entry);
            isMerged = status.IsDirectory;
            if (!isMerged)
            {
                ClearWay(parent, entry);
            }

            if (isMerged && _implied.Count > 0)
            {
                _implied.Remove(Convert.ToHexString(_path.ToArray()));
            }

            errno = isMerged ? Errno.None : parent.MakeDirectory(_path.BaseZ, birthMode);
        }

        ThrowIfSet("mkdir", errno, entry);
        SetOwner(parent, entry, always: isMerged && CurrentUser.IsRoot);
        SetXattrs(parent, entry);

        // mkdir(2) ignores set-id bits, and inherits the set-group-id bit.
        if (isMerged || _mayInheritMode || _mayInheritGroup || (mode & SetIdBits) != 0)
        {
            ThrowIfSet("chmod", parent.SetMode(_path.BaseZ, birthMode), entry);
        }

        _mayInheritGroup |= (mode & SetGroupBit) != 0;
        _directoryTimes.Add(_path, TimesOf(entry), birthMode == mode ? DirectoryTimes.NoMode : mode);
    }

    private void MakeSymlink(DirectoryHandle parent, TarEntry entry)
    {
        ReadOnlySpan<byte> targetZ = Terminated(ref _linkTarget, entry.LinkName);
        int errno = parent.MakeSymlink(_path.BaseZ, targetZ);
        if (errno == Errno.Exists)
        {
            ClearWay(parent, entry);
            errno = parent.MakeSymlink(_path.BaseZ, targetZ);
        }

        ThrowIfSet("symlink", errno, entry);
        FileBytes += entry.LinkName.Length;
        SetOwner(parent, entry);
        SetXattrs(parent, entry);

        FileTimes times = ClampsLinkTimes ? TimesOf(entry) : RawTimesOf(entry);
        ThrowIfSet("utimensat", parent.SetTimes(_path.BaseZ, times), entry);
    }

    // As dockerd does, owner, attributes, mode and times of the link's header are applied to the linked file. Setting
    // the owner clears file capabilities that the header does not repeat.
    private void MakeHardLink(TarEntry entry)
    {
        SetPath(_linkPath, entry.LinkName, entry);
        int errno = _directories.TryGet(_linkPath.Parent, _linkPath.ParentZ, out DirectoryHandle source);
        if (Errno.IsMissing(errno) || errno == Errno.TooManySymlinks || _linkPath.IsRoot)
        {
            throw LinkRefused(entry, "which is not in the layer");
        }

        ThrowIfSet("open", errno, entry);

        if (_whiteouts == WhiteoutFormat.AppliedToShared)
        {
            SeparateLinkTarget(source);
        }

        // Looked up last, so that the cache keeps it open.
        DirectoryHandle parent = EnsureDirectory(_path.Parent, entry);
        errno = parent.MakeLink(_path.BaseZ, source, _linkPath.BaseZ);
        if (errno == Errno.Exists)
        {
            ClearWay(parent, entry);
            errno = parent.MakeLink(_path.BaseZ, source, _linkPath.BaseZ);
        }

        if (errno == Errno.NotFound && _skippedNodes.Contains(Convert.ToHexString(_linkPath.ToArray())))
        {
            // A hard link to a device that could not be created.
            SkipNode();
            return;
        }

        if (errno is Errno.NotFound or Errno.NotPermitted)
        {
            throw LinkRefused(entry, errno == Errno.NotFound ? "which is not in the layer" : "which cannot be linked to");
        }

        ThrowIfSet("link", errno, entry);
        ThrowIfSet("stat", parent.TryGetStatus(_path.BaseZ, out FileStatus status), entry);
        if (!KeepsEqualOwners || (status.User, status.Group) != (UserOf(entry), GroupOf(entry)))
        {
            SetOwner(parent, entry, always: CurrentUser.IsRoot);
        }

        SetXattrs(parent, entry);
        if (!status.IsSymlink)
        {
            ThrowIfSet("chmod", parent.SetMode(_path.BaseZ, (uint)entry.Mode & PermissionBits), entry);
            ThrowIfSet("utimensat", parent.SetTimes(_path.BaseZ, TimesOf(entry)), entry);
        }
    }

    // Otherwise the link's metadata would also change the lower layers' file.
    private void SeparateLinkTarget(DirectoryHandle source)
    {
        int errno = source.TryGetStatus(_linkPath.BaseZ, out FileStatus status);
        bool isShared = errno == Errno.None && status.IsRegular && status.LinkCount > 1;
        byte[] path = _linkPath.ToArray();
        if (isShared && !_made!.Contains(path) && _separated.Add(Convert.ToHexString(path)))
        {
            TreeCopier.Separate(source, _linkPath.BaseZ);
        }
    }

    private void MakeNode(DirectoryHandle parent, TarEntry entry, uint type)
    {
        uint mode = (uint)entry.Mode & PermissionBits;
        uint major = (uint)entry.DeviceMajor;
        uint minor = (uint)entry.DeviceMinor;
        int errno = parent.MakeNode(_path.BaseZ, type | mode, major, minor);
        if (errno == Errno.Exists)
        {
            ClearWay(parent, entry);
            errno = parent.MakeNode(_path.BaseZ, type | mode, major, minor);
        }

        if (errno == Errno.NotPermitted)
        {
            SkipNode();
            return;
        }

        ThrowIfSet("mknod", errno, entry);
        SetOwner(parent, entry);
        SetXattrs(parent, entry);
        if (_mayInheritMode || _mayInheritGroup || (mode & SetIdBits) != 0)
        {
            ThrowIfSet("chmod", parent.SetMode(_path.BaseZ, mode), entry);
        }

        ThrowIfSet("utimensat", parent.SetTimes(_path.BaseZ, TimesOf(entry)), entry);
    }

    private void SkipNode()
    {
        _skippedDevices++;
        _skippedNodes.Add(Convert.ToHexString(_path.ToArray()));
    }

    // The name is taken. An entry of a lower layer may be replaced; one of this layer's own archive only if rebuilding
    // the archive does not need it.
    private void ClearWay(DirectoryHandle parent, TarEntry entry)
    {
        if (ReplacesEarlierEntries || (_made is not null && !_made.Contains(_path.ToArray())))
        {
            TreeRemover.Remove(parent, _path.BaseZ);
            _directories.Clear(keep: parent);
            return;
        }

        ThrowIfSet("stat", parent.TryGetStatus(_path.BaseZ, out FileStatus status), entry);
        bool isNeeded = status.IsSymlink || (status.IsRegular && status.Length > 0);
        int errno = isNeeded ? Errno.NotEmpty : parent.Remove(_path.BaseZ, status.IsDirectory);
        if (errno is Errno.NotEmpty or Errno.Exists)
        {
            throw Refused(
                Fault.EntryReplaced, entry, "replaces an earlier entry of the same layer, so the layer could not be rebuilt");
        }

        ThrowIfSet("unlink", errno, entry);
        _directories.Clear(keep: parent);
    }

    private static MalformedDataException LinkRefused(TarEntry entry, string why) =>
        Refused(Fault.LinkTarget, entry, $"is a hard link to {Printable.Quote(entry.LinkName)}, {why}");

    private static ReadOnlySpan<byte> Terminated(ref byte[] buffer, ReadOnlySpan<byte> text)
    {
        if (buffer.Length <= text.Length)
        {
            buffer = new byte[text.Length * 2];
        }

        text.CopyTo(buffer);
        buffer[text.Length] = 0;
        return buffer.AsSpan(0, text.Length + 1);
    }
}
