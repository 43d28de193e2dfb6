using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Trees;

/// <summary>
/// Unpacks a layer below one directory, entry by entry, as dockerd 20.10 does. It needs a dedicated thread.
/// <para>
/// Containment: a name is cleaned lexically, its parent is opened by the kernel with every link resolved inside the root, and the last
/// component is created, linked or removed relative to that handle without following it. So symbolic links may lead
/// anywhere inside the layer, but nowhere else.
/// </para>
/// <para>
/// A small file takes four system calls: open, write, futimens, close. Owner and mode are set only where the new file
/// does not have them already: the thread's umask is empty, and a new file has the process's owner unless it inherits a
/// group or an access list. They are set in the order owner, attributes, mode, times, because each may change those
/// after it.
/// </para>
/// </summary>
public sealed partial class TreeWriter : ITarSink, IDisposable
{
    private readonly DirectoryHandle _root;
    private readonly DirectoryCache _directories;
    private readonly DirectoryTimes _directoryTimes = new();
    private readonly WhiteoutFormat _whiteouts;
    private readonly OwnerMap _owners;
    private readonly NameSet? _made;
    private readonly SafePath _path;
    private readonly SafePath _linkPath;
    private readonly Dictionary<string, byte[]> _implied = [];
    private TarEntry? _file;
    private readonly bool _syncsFiles;
    private int _handle = -1;
    private int _sparseIndex;
    private long _sparsePosition;
    private bool _isPrepared;

    /// <param name="root">An existing directory; stays the caller's.</param>
    /// <param name="whiteouts">How whiteouts are unpacked. For <see cref="WhiteoutFormat.Applied"/> and
    /// <see cref="WhiteoutFormat.AppliedToShared"/> the root already has the tree of the lower layers.</param>
    /// <param name="limits">Limits on names.</param>
    /// <param name="syncsFiles">Whether each file is flushed before the next one is created.</param>
    /// <param name="owners">Maps the owners in the archive to those of this machine; no mapping when null.</param>
    public TreeWriter(
        DirectoryHandle root, WhiteoutFormat whiteouts, Limits limits, bool syncsFiles = false, OwnerMap? owners = null)
    {
        _owners = owners ?? OwnerMap.None;
        _syncsFiles = syncsFiles;
        _root = root;
        _directories = new DirectoryCache(root);
        _whiteouts = whiteouts;
        _made = whiteouts is WhiteoutFormat.Applied or WhiteoutFormat.AppliedToShared ? new NameSet() : null;
        _path = new SafePath(limits);
        _linkPath = new SafePath(limits);
    }

    /// <summary>Whether a hard link leaves the owner of its file alone if it is the right one, as in containers/storage.
    /// dockerd sets it again, which clears file capabilities.</summary>
    public bool KeepsEqualOwners { get; init; }

    /// <summary>Whether an entry replaces an earlier one of the same name, as in containerd. Otherwise the layer is refused when
    /// it could not be rebuilt from its tree.</summary>
    public bool ReplacesEarlierEntries { get; init; }

    /// <summary>Whether times of symbolic links are clamped as those of other files, as in containerd. dockerd leaves
    /// them.</summary>
    public bool ClampsLinkTimes { get; init; }

    /// <summary>Whether extended attributes without a value are set, as in containerd. dockerd takes them as not
    /// there.</summary>
    public bool KeepsEmptyXattrs { get; init; }

    /// <summary>Whether attributes that only root may set (<c>trusted.</c>) are left out, as in containerd: overlayfs keeps its own
    /// there.</summary>
    public bool SkipsTrustedXattrs { get; init; }

    /// <summary>Whether <see cref="ImpliedDirectories"/> are remembered.</summary>
    public bool RemembersImpliedDirectories { get; init; }

    /// <summary>Directories that the archive needs and does not have, those above first. They were made as root's, with mode
    /// 0755.</summary>
    public IEnumerable<byte[]> ImpliedDirectories => _implied.Values.OrderBy(path => path.Length);

    /// <summary>Bytes of the created files: the size that dockerd reports for an overlay2 layer. A hard link counts
    /// nothing, a symbolic link the length of its target.</summary>
    public long FileBytes { get; private set; }

    /// <summary>Sum of the size fields of all headers: the size that dockerd reports for layers of other
    /// drivers.</summary>
    public long HeaderBytes { get; private set; }

    /// <inheritdoc/>
    public void Entry(TarEntry entry)
    {
        Prepare();
        HeaderBytes += entry.Size;
        if (entry.Type == TarEntryType.GlobalExtension)
        {
            return;
        }

        CheckId(entry, "uid", entry.Uid);
        CheckId(entry, "gid", entry.Gid);
        SetPath(_path, entry.Name, entry);
        if (_path.IsRoot)
        {
            // The root's own metadata in the tar is ignored, as in Docker.
            if (entry.Type != TarEntryType.Directory)
            {
                throw Refused(Fault.EntryName, entry, "is not a directory, but names the root of the layer");
            }

            return;
        }

        DirectoryHandle parent = EnsureDirectory(_path.Parent, entry);
        if (_path.Base.StartsWith(WhiteoutName.Prefix))
        {
            TakeWhiteout(parent, entry);
            return;
        }

        Make(parent, entry);
        if (_made is not null)
        {
            MarkMade(_path.ToArray());
        }
    }

    /// <inheritdoc/>
    public void Payload(ReadOnlySpan<byte> bytes)
    {
        if (_handle < 0)
        {
            // A whiteout with content: it has no meaning, and the recording keeps it.
            return;
        }

        if (_file!.IsSparse)
        {
            WriteSparse(bytes);
            return;
        }

        ThrowIfSet("write", FileHandle.Write(_handle, bytes), _file);
    }

    /// <inheritdoc/>
    public void EndEntry()
    {
        if (_handle < 0)
        {
            return;
        }

        TarEntry entry = _file!;
        if (entry.IsSparse)
        {
            ThrowIfSet("ftruncate", FileHandle.SetLength(_handle, entry.Size), entry);
        }

        FinishFile(entry);
        if (_syncsFiles)
        {
            ThrowIfSet("fsync", FileHandle.Sync(_handle), entry);
        }

        FileBytes += entry.Size;
        FileHandle.Close(_handle);
        _handle = -1;
    }

    /// <summary>Applies directory metadata that had to wait until all entries were created. Called once, after the last
    /// entry, and only when the layer is kept.</summary>
    public void Finish() => _directoryTimes.Apply(
        _directories, skipsMissing: ReplacesEarlierEntries || _whiteouts == WhiteoutFormat.AppliedInLayer);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle >= 0)
        {
            FileHandle.Close(_handle);
            _handle = -1;
        }

        _directories.Dispose();
        _directoryTimes.Dispose();
    }

    private void Prepare()
    {
        if (_isPrepared)
        {
            return;
        }

        _isPrepared = true;
        bool isMaskClear = CurrentUser.TryClearMaskOfThread();
        ThrowIfSet("stat", _root.TryGetStatus("\0"u8, out FileStatus status));
        bool hasLowerTree = _made is not null;
        _mayInheritGroup = hasLowerTree || (status.Permissions & SetGroupBit) != 0;
        _mayInheritMode = hasLowerTree || !isMaskClear || _root.GetXattr(".\0"u8, DefaultAclZ) is not null;
    }

    // Ids have 32 bits in the kernel, and Docker truncates them: 2^32 would become root.
    private static void CheckId(TarEntry entry, string kind, long id)
    {
        if (id is < int.MinValue or > uint.MaxValue)
        {
            throw Refused(Fault.EntryOwner, entry, $"has {kind} {id}, which is outside of {int.MinValue} to {uint.MaxValue}");
        }
    }

    private static void SetPath(SafePath path, ReadOnlySpan<byte> name, TarEntry entry)
    {
        if (!path.TrySet(name))
        {
            path.ThrowIfTooDeep(name);
            throw Refused(Fault.EntryName, entry, "has a name that contains a NUL");
        }
    }

    // The data chunks arrive one after another; holes stay holes.
    private void WriteSparse(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _sparseIndex < _file!.SparseMap.Length)
        {
            SparseChunk chunk = _file.SparseMap[_sparseIndex];
            int length = (int)Math.Min(bytes.Length, chunk.Length - _sparsePosition);
            ThrowIfSet("pwrite", FileHandle.WriteAt(_handle, bytes[..length], chunk.Offset + _sparsePosition), _file);
            _sparsePosition += length;
            bytes = bytes[length..];
            if (_sparsePosition == chunk.Length)
            {
                _sparseIndex++;
                _sparsePosition = 0;
            }
        }
    }

    private DirectoryHandle EnsureDirectory(ReadOnlySpan<byte> path, TarEntry entry)
    {
        int errno = path.IsEmpty || path == _path.Parent
            ? _directories.TryGet(path, _path.ParentZ, out DirectoryHandle directory)
            : _directories.TryGet(path, [.. path, 0], out directory);
        if (errno == Errno.None)
        {
            return directory;
        }

        if (errno != Errno.NotFound)
        {
            throw ParentRefused(errno, path, entry);
        }

        // The archive does not have this directory, or not yet: create it with root as the owner and mode 0755.
        int slash = path.LastIndexOf((byte)'/');
        DirectoryHandle parent = EnsureDirectory(path[..Math.Max(0, slash)], entry);
        byte[] nameZ = [.. path[(slash + 1)..], 0];
        errno = parent.MakeDirectory(nameZ, ImpliedDirectoryMode);
        if (errno == Errno.Exists)
        {
            // The name exists, but does not resolve: a dangling symbolic link.
            throw ParentRefused(Errno.NotFound, path, entry);
        }

        ThrowIfSet("mkdir", errno, entry);
        SetImpliedMetadata(parent, nameZ, entry);
        if (RemembersImpliedDirectories)
        {
            _implied[Convert.ToHexString(path)] = path.ToArray();
        }

        if (_made is not null)
        {
            MarkMade(path.ToArray());
        }

        errno = _directories.TryGet(path, [.. path, 0], out directory);
        return errno == Errno.None ? directory : throw ParentRefused(errno, path, entry);
    }

    private void MarkMade(byte[] path)
    {
        // Mark the ancestors too: the directories above an entry of this layer must stay.
        for (int length = path.Length; length > 0; length = path.AsSpan(0, length).LastIndexOf((byte)'/'))
        {
            if (!_made!.Add(path.AsSpan(0, length)))
            {
                return;
            }
        }
    }

    private static MalformedDataException ParentRefused(int errno, ReadOnlySpan<byte> path, TarEntry entry)
    {
        if (errno is not (Errno.NotFound or Errno.NotDirectory or Errno.TooManySymlinks))
        {
            throw Errno.Error("open", errno, path);
        }

        string why = errno switch
        {
            Errno.NotDirectory => "is not a directory",
            Errno.TooManySymlinks => "is a loop of links",
            _ => "is a link to nothing inside the layer",
        };
        return Refused(Fault.EntryParent, entry, $"is below {Printable.Quote(path)}, which {why}");
    }

    private static MalformedDataException Refused(Fault fault, TarEntry entry, string why) => new(
        fault,
        entry.HeaderOffset,
        $"layer: {Printable.Quote(entry.Name)} {why} (at byte {entry.HeaderOffset} of the tar)");

    private static void ThrowIfSet(string call, int errno, TarEntry? entry = null)
    {
        if (errno != Errno.None)
        {
            throw Errno.Error(call, errno, entry is null ? "."u8 : entry.Name);
        }
    }
}
