using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Trees;

/// <content>Owner, attributes, mode and times: set where the new file does not have them yet, skipped and counted where
/// the kernel refuses.</content>
public sealed partial class TreeWriter
{
    private const uint PermissionBits = 0xfff;
    private const uint SetIdBits = 0xc00;
    private const uint SetGroupBit = 0x400;
    private const uint OwnerAll = 0b111_000_000;
    private const uint ImpliedDirectoryMode = 0b111_101_101;

    private readonly byte[] _xattrName = new byte[256];
    private bool _mayInheritGroup;
    private bool _mayInheritMode;
    private bool _areOwnersRefused;
    private readonly HashSet<string> _skippedNodes = [];
    private long _skippedOwners;
    private long _skippedDevices;
    private long _skippedXattrs;

    private static ReadOnlySpan<byte> DefaultAclZ => "system.posix_acl_default\0"u8;

    /// <summary>Metadata that was skipped for lack of privileges.</summary>
    public SkippedMetadata Skipped => new(_skippedOwners, _skippedDevices, _skippedXattrs);

    private void FinishFile(TarEntry entry)
    {
        bool isOwnerSet = NeedsOwner(entry) && TakeOwnerResult(
            FileHandle.SetOwner(_handle, UserOf(entry), GroupOf(entry)), entry);
        for (int i = 0; i < entry.XattrCount; i++)
        {
            if (IsWanted(entry.XattrName(i)))
            {
                int errno = ExtendedAttributes.Set(_handle, XattrNameZ(entry.XattrName(i)), entry.XattrValue(i));
                TakeXattrResult(errno, entry.XattrName(i));
            }
        }

        for (int i = 0; KeepsEmptyXattrs && i < entry.EmptyXattrCount; i++)
        {
            if (IsWanted(entry.EmptyXattrName(i)))
            {
                TakeXattrResult(ExtendedAttributes.Set(_handle, XattrNameZ(entry.EmptyXattrName(i)), default), entry.EmptyXattrName(i));
            }
        }

        // A change of owner, and without root every write, clears set-id bits.
        uint mode = (uint)entry.Mode & PermissionBits;
        if (_mayInheritMode || (mode & SetIdBits) != 0 || (isOwnerSet && _mayInheritGroup))
        {
            ThrowIfSet("fchmod", FileHandle.SetMode(_handle, mode), entry);
        }

        ThrowIfSet("futimens", FileHandle.SetTimes(_handle, TimesOf(entry)), entry);
    }

    private void SetOwner(DirectoryHandle parent, TarEntry entry, bool always = false)
    {
        if (always || NeedsOwner(entry))
        {
            TakeOwnerResult(parent.SetOwner(_path.BaseZ, UserOf(entry), GroupOf(entry)), entry);
        }
    }

    private bool NeedsOwner(TarEntry entry)
    {
        bool isOurs = UserOf(entry) == CurrentUser.User && GroupOf(entry) == CurrentUser.Group;
        if (isOurs && !_mayInheritGroup)
        {
            return false;
        }

        if (_areOwnersRefused)
        {
            _skippedOwners += isOurs ? 0 : 1;
            return false;
        }

        return true;
    }

    private uint UserOf(TarEntry entry) => _owners.IsNone
        ? (uint)entry.Uid
        : _owners.HostUser(entry.Uid) ?? throw Unmapped(entry, "user", entry.Uid);

    private uint GroupOf(TarEntry entry) => _owners.IsNone
        ? (uint)entry.Gid
        : _owners.HostGroup(entry.Gid) ?? throw Unmapped(entry, "group", entry.Gid);

    private static MalformedDataException Unmapped(TarEntry entry, string what, long id) =>
        Refused(Fault.EntryOwner, entry, $"belongs to {what} {id}, which this data root's user remapping lacks");

    // EINVAL: the user namespace does not map the id.
    private bool TakeOwnerResult(int errno, TarEntry entry)
    {
        if (errno is Errno.NotPermitted or Errno.Invalid)
        {
            _areOwnersRefused |= errno == Errno.NotPermitted;
            _skippedOwners++;
            return false;
        }

        ThrowIfSet("chown", errno, entry);
        return true;
    }

    private void SetXattrs(DirectoryHandle parent, TarEntry entry)
    {
        for (int i = 0; i < entry.XattrCount; i++)
        {
            if (IsWanted(entry.XattrName(i)))
            {
                int errno = parent.SetXattr(_path.BaseZ, XattrNameZ(entry.XattrName(i)), entry.XattrValue(i));
                TakeXattrResult(errno, entry.XattrName(i));
            }
        }

        for (int i = 0; KeepsEmptyXattrs && i < entry.EmptyXattrCount; i++)
        {
            if (IsWanted(entry.EmptyXattrName(i)))
            {
                TakeXattrResult(parent.SetXattr(_path.BaseZ, XattrNameZ(entry.EmptyXattrName(i)), default), entry.EmptyXattrName(i));
            }
        }
    }

    private bool IsWanted(ReadOnlySpan<byte> xattr) => !SkipsTrustedXattrs || !xattr.StartsWith("trusted."u8);

    private void TakeXattrResult(int errno, ReadOnlySpan<byte> xattr)
    {
        if (errno is Errno.NotSupported or Errno.NotPermitted)
        {
            _skippedXattrs++;
            return;
        }

        if (errno != Errno.None)
        {
            throw Errno.Error($"setxattr {System.Text.Encoding.UTF8.GetString(xattr)}", errno, _path.ToArray());
        }

        _mayInheritMode |= xattr.StartsWith("system.posix_acl"u8);
    }

    private ReadOnlySpan<byte> XattrNameZ(ReadOnlySpan<byte> name)
    {
        // The kernel allows 255 bytes and refuses longer names itself.
        if (name.Length >= _xattrName.Length)
        {
            return (byte[])[.. name, 0];
        }

        name.CopyTo(_xattrName);
        _xattrName[name.Length] = 0;
        return _xattrName.AsSpan(0, name.Length + 1);
    }

    private void SetImpliedMetadata(DirectoryHandle parent, ReadOnlySpan<byte> nameZ, TarEntry entry)
    {
        if ((_mayInheritGroup || !_owners.IsNone) && CurrentUser.IsRoot)
        {
            ThrowIfSet("chown", parent.SetOwner(nameZ, _owners.Root, _owners.RootGroup), entry);
        }

        if (_mayInheritMode || _mayInheritGroup)
        {
            ThrowIfSet("chmod", parent.SetMode(nameZ, ImpliedDirectoryMode), entry);
        }
    }

    private static FileTimes TimesOf(TarEntry entry)
    {
        FileTimes raw = RawTimesOf(entry);
        (raw.AccessSeconds, raw.AccessNanoseconds) = InRange(raw.AccessSeconds, raw.AccessNanoseconds);
        (raw.ModifiedSeconds, raw.ModifiedNanoseconds) = InRange(raw.ModifiedSeconds, raw.ModifiedNanoseconds);
        return raw;
    }

    // The access time is at least the modification time.
    private static FileTimes RawTimesOf(TarEntry entry)
    {
        UnixTime modified = entry.ModifiedTime;
        UnixTime access = entry.AccessTime is { } recorded
            && (recorded.Seconds, recorded.Nanoseconds).CompareTo((modified.Seconds, modified.Nanoseconds)) > 0
            ? recorded
            : modified;
        return new FileTimes
        {
            AccessSeconds = access.Seconds,
            AccessNanoseconds = access.Nanoseconds,
            ModifiedSeconds = modified.Seconds,
            ModifiedNanoseconds = modified.Nanoseconds,
        };
    }

    /// <summary>A time as it is set on a file: as in dockerd, times before 1970 or after 2262 (2^63 nanoseconds) become
    /// 1970.</summary>
    public static (long Seconds, long Nanoseconds) InRange(long seconds, long nanoseconds)
    {
        const long LastSecond = long.MaxValue / 1_000_000_000;
        const long LastNanosecond = long.MaxValue % 1_000_000_000;
        bool isInRange = seconds >= 0 && (seconds < LastSecond || (seconds == LastSecond && nanoseconds <= LastNanosecond));
        return isInRange ? (seconds, nanoseconds) : (0, 0);
    }
}
