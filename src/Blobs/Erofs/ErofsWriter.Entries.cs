using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files.Internal;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <content>Makes the inode of each kind of entry, and refuses what no image can have.</content>
public sealed partial class ErofsWriter
{
    private const int MajorMax = 0xfff;
    private const int MinorMax = 0xfffff;
    private const uint SymlinkMode = 0b111_111_111;

    private static void CheckId(TarEntry entry, string kind, long id)
    {
        if (id is < int.MinValue or > uint.MaxValue)
        {
            throw ErofsRefusal.Of(
                Fault.EntryOwner, entry, $"has {kind} {id}, which is outside of {int.MinValue} to {uint.MaxValue}");
        }
    }

    private static void CheckName(ReadOnlySpan<byte> name, TarEntry entry)
    {
        if (name.Length > ErofsFormat.NameBytesMax)
        {
            throw ErofsRefusal.Of(Fault.EntryName, entry, "has a name that is longer than 255 bytes");
        }
    }

    private static void SetPath(SafePath path, ReadOnlySpan<byte> name, TarEntry entry)
    {
        if (!path.TrySet(name))
        {
            path.ThrowIfTooDeep(name);
            throw ErofsRefusal.Of(Fault.EntryName, entry, "has a name that contains a NUL");
        }
    }

    private void TakeRoot(TarEntry entry)
    {
        if (entry.Type != TarEntryType.Directory)
        {
            throw ErofsRefusal.Of(Fault.EntryName, entry, "is not a directory, but names the root of the layer");
        }

        SetMetadata(ref _tree.Inode(ErofsTree.Root), InodeOf(entry, FileType.Directory));
    }

    // A whiteout hides what lower layers have under its name. An entry of this layer with that name does so itself, except that a
    // directory must be opaque for it.
    private void TakeWhiteout(int parent, TarEntry entry)
    {
        if (_path.Base.SequenceEqual(WhiteoutName.Opaque))
        {
            _tree.Inode(parent).Flags |= InodeFlags.Opaque;
            return;
        }

        ReadOnlySpan<byte> hidden = _path.Base[WhiteoutName.Prefix.Length..];
        if (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
        {
            throw ErofsRefusal.Of(Fault.Whiteout, entry, "is a whiteout of nothing, of its own directory or of the one above");
        }

        CheckName(hidden, entry);
        int found = _tree.Find(parent, hidden);
        if (found < 0 || _tree.Inode(_tree.Entry(found).Inode).Has(InodeFlags.Whiteout))
        {
            ErofsInode whiteout = InodeOf(entry, FileType.CharacterDevice);
            whiteout.Mode = (ushort)FileType.CharacterDevice;
            whiteout.Xattrs = 0;
            whiteout.Flags = InodeFlags.Whiteout;
            _tree.Name(parent, hidden, _tree.Add(whiteout));
        }
        else if (_tree.Inode(_tree.Entry(found).Inode).IsDirectory)
        {
            _tree.Inode(_tree.Entry(found).Inode).Flags |= InodeFlags.Opaque;
        }
    }

    private void Make(int parent, TarEntry entry)
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
                MakeHardLink(parent, entry);
                break;
            case TarEntryType.CharacterDevice:
                MakeDevice(parent, entry, FileType.CharacterDevice);
                break;
            case TarEntryType.BlockDevice:
                MakeDevice(parent, entry, FileType.BlockDevice);
                break;
            case TarEntryType.Fifo:
                Place(parent, entry, _tree.Add(InodeOf(entry, FileType.Fifo)));
                break;
            default:
                string type = Printable.Quote([(byte)entry.Type]);
                throw ErofsRefusal.Of(Fault.EntryType, entry, $"has type {type}, which Docker does not unpack");
        }
    }

    private void MakeFile(int parent, TarEntry entry)
    {
        ErofsInode inode = InodeOf(entry, FileType.Regular);
        ErofsContent content = _data.Begin(entry);
        inode.Size = entry.Size;
        inode.Start = content.Start;
        inode.Content = content.Map;
        inode.Flags = content.Map == 0 ? InodeFlags.None : InodeFlags.Sparse;
        Place(parent, entry, _tree.Add(inode));
        _file = entry.Size > 0 ? entry : null;
    }

    private void MakeDirectory(int parent, TarEntry entry)
    {
        ErofsInode inode = InodeOf(entry, FileType.Directory);
        int found = _tree.Find(parent, _path.Base);
        if (found >= 0 && _tree.Inode(_tree.Entry(found).Inode).IsDirectory)
        {
            SetMetadata(ref _tree.Inode(_tree.Entry(found).Inode), inode);
            return;
        }

        if (found >= 0 && _tree.Inode(_tree.Entry(found).Inode).Has(InodeFlags.Whiteout))
        {
            inode.Flags |= InodeFlags.Opaque;
        }

        Place(parent, entry, _tree.AddDirectory(inode, parent));
    }

    private void MakeSymlink(int parent, TarEntry entry)
    {
        ReadOnlySpan<byte> target = entry.LinkName;
        if (target.Length is 0 or > ErofsFormat.SymlinkBytesMax || target.Contains((byte)0))
        {
            throw ErofsRefusal.Of(Fault.LinkTarget, entry, "is a symbolic link with a target that is empty, too long, or contains a NUL");
        }

        // Linux gives all symbolic links this mode, whatever the header says.
        ErofsInode inode = InodeOf(entry, FileType.Symlink);
        inode.Mode = (ushort)(FileType.Symlink | SymlinkMode);
        inode.Size = target.Length;
        inode.Content = _tree.Text.Add(target);
        Place(parent, entry, _tree.Add(inode));
    }

    private void MakeHardLink(int parent, TarEntry entry)
    {
        SetPath(_linkPath, entry.LinkName, entry);
        int directory = _linkPath.IsRoot ? -1 : _paths.Directory(_linkPath.Parent, entry, makesMissing: false);
        int found = directory < 0 ? -1 : _tree.Find(directory, _linkPath.Base);
        int target = found < 0 ? -1 : _tree.Entry(found).Inode;
        if (target < 0 || _tree.Inode(target).Has(InodeFlags.Whiteout))
        {
            throw LinkRefused(entry, "which is not in the layer");
        }

        if (_tree.Inode(target).IsDirectory)
        {
            throw LinkRefused(entry, "which cannot be linked to");
        }

        Place(parent, entry, target);
    }

    private void MakeDevice(int parent, TarEntry entry, uint type)
    {
        (long major, long minor) = (entry.DeviceMajor, entry.DeviceMinor);
        if (major is < 0 or > MajorMax || minor is < 0 or > MinorMax)
        {
            throw ErofsRefusal.Of(Fault.ErofsEntry, entry, $"is device {major}:{minor}, a number that Linux does not have");
        }

        ErofsInode inode = InodeOf(entry, type);
        inode.Start = (uint)((minor & 0xff) | (major << 8) | ((minor & ~0xffL) << 12));
        Place(parent, entry, _tree.Add(inode));
    }

    private void Place(int parent, TarEntry entry, int inode)
    {
        int found = _tree.Find(parent, _path.Base);
        if (found >= 0)
        {
            CheckReplaced(_tree.Entry(found).Inode, inode, entry);
            _paths.Forget();
        }

        _tree.Name(parent, _path.Base, inode);
    }

    private void CheckReplaced(int old, int inode, TarEntry entry)
    {
        ref readonly ErofsInode replaced = ref _tree.Inode(old);
        bool isNeeded = (replaced.IsDirectory && replaced.EntryCount > 0) || (replaced.IsRegular && replaced.Size > 0);
        if (_options.RefusesReplacedContent && isNeeded && old != inode)
        {
            throw ErofsRefusal.Of(
                Fault.EntryReplaced, entry, "replaces an earlier entry of the same layer, so the layer could not be rebuilt");
        }
    }

    private static void SetMetadata(ref ErofsInode directory, in ErofsInode from)
    {
        directory.Mode = from.Mode;
        directory.Uid = from.Uid;
        directory.Gid = from.Gid;
        directory.Seconds = from.Seconds;
        directory.Nanoseconds = from.Nanoseconds;
        directory.Xattrs = from.Xattrs;
    }

    private ErofsInode InodeOf(TarEntry entry, uint type)
    {
        ReadOnlySpan<byte> xattrs = entry.XattrCount > 0 ? _xattrs.Encode(entry) : [];
        return new ErofsInode
        {
            Mode = (ushort)(type | ((uint)entry.Mode & ErofsFormat.PermissionBits)),
            Uid = (uint)entry.Uid,
            Gid = (uint)entry.Gid,
            Seconds = entry.ModifiedTime.Seconds,
            Nanoseconds = (uint)entry.ModifiedTime.Nanoseconds,
            Xattrs = xattrs.IsEmpty ? 0 : _tree.Text.Add(xattrs),
        };
    }

    private static MalformedDataException LinkRefused(TarEntry entry, string why) =>
        ErofsRefusal.Of(Fault.LinkTarget, entry, $"is a hard link to {Printable.Quote(entry.LinkName)}, {why}");
}
