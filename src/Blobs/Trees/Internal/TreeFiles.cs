using System.ComponentModel;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.TarSplit;

namespace Blobs.Trees.Internal;

/// <summary>
/// Opens the files of a layer's tree for reading. Names are resolved inside the tree, symbolic links included, and must
/// lead to a regular file. Without root, files and directories that their owner may not read are made readable
/// temporarily.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TreeFiles : IFileSource, IDisposable
{
    private const uint OwnerAll = 0b111_000_000;

    private readonly DirectoryHandle _root;
    private readonly DirectoryCache _directories;
    private readonly SafePath _path;
    private readonly Stack<(byte[] ParentZ, byte[] NameZ, uint Mode)> _unlocked = new();
    private readonly string _rootPath;
    private int _handle = -1;

    public TreeFiles(string root, Limits limits)
    {
        _rootPath = root;
        _root = DirectoryHandle.Open(root);
        _directories = new DirectoryCache(_root);
        _path = new SafePath(limits);
    }

    /// <inheritdoc/>
    public void Open(ReadOnlySpan<byte> name)
    {
        Close();
        if (!_path.TrySet(name) || _path.IsRoot)
        {
            throw Missing(name, "has a name that no file can have");
        }

        int errno = TryOpen();
        if (errno == Errno.AccessDenied && !CurrentUser.IsRoot)
        {
            Unlock(_path.ToArray());
            errno = TryOpen();
        }

        if (errno != Errno.None)
        {
            throw errno switch
            {
                Errno.NotFound => Missing(name, "is not in the tree"),
                Errno.TooManySymlinks when TypeOf() == FileType.Symlink => Missing(name, "is a symbolic link, but was recorded as a file"),
                Errno.NoSuchDevice or Errno.DeviceGone when TypeOf() is not (null or FileType.Regular) =>
                    Missing(name, "is not a regular file"),
                Errno.NotDirectory => Missing(name, "is below something that is not a directory"),
                _ => Errno.Error("open", errno, name),
            };
        }

        Errno.ThrowIfSet("stat", FileStatus.TryGet(_handle, out FileStatus status), name);
        if (!status.IsRegular)
        {
            throw Missing(name, "is not a regular file");
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> target)
    {
        int read = FileHandle.Read(_handle, target, out int errno);
        Errno.ThrowIfSet("read", errno, _path.ToArray());
        return read;
    }

    public void Dispose()
    {
        Close();
        while (_unlocked.TryPop(out (byte[] ParentZ, byte[] NameZ, uint Mode) item))
        {
            if (_root.TryOpenInside(item.ParentZ, out DirectoryHandle? parent) == Errno.None)
            {
                parent!.SetMode(item.NameZ, item.Mode);
                parent!.Dispose();
            }
        }

        _directories.Dispose();
        _root.Dispose();
    }

    private int TryOpen()
    {
        int errno = _directories.TryGet(_path.Parent, _path.ParentZ, out DirectoryHandle parent);
        return errno == Errno.None ? parent.TryOpenFile(_path.BaseZ, out _handle) : errno;
    }

    private uint? TypeOf() => _directories.TryGet(_path.Parent, _path.ParentZ, out DirectoryHandle parent) == Errno.None
        && parent.TryGetStatus(_path.BaseZ, out FileStatus status) == Errno.None ? status.Type : null;

    // Gives the owner access to every component, top down; Dispose restores the modes.
    private void Unlock(byte[] path)
    {
        int start = 0;
        while (start < path.Length)
        {
            int slash = Array.IndexOf(path, (byte)'/', start);
            int end = slash < 0 ? path.Length : slash;
            byte[] parentZ = start == 0 ? [(byte)'.', 0] : [.. path.AsSpan(0, start - 1), 0];
            byte[] nameZ = [.. path.AsSpan(start, end - start), 0];
            if (_root.TryOpenInside(parentZ, out DirectoryHandle? parent) != Errno.None)
            {
                return;
            }

            using (parent)
            {
                bool isThere = parent!.TryGetStatus(nameZ, out FileStatus status) == Errno.None && !status.IsSymlink;
                uint wanted = status.Permissions | (status.IsDirectory ? OwnerAll : 0b100_000_000);
                if (isThere && wanted != status.Permissions && parent!.SetMode(nameZ, wanted) == Errno.None)
                {
                    _unlocked.Push((parentZ, nameZ, status.Permissions));
                }
            }

            start = end + 1;
        }
    }

    private void Close()
    {
        if (_handle >= 0)
        {
            FileHandle.Close(_handle);
            _handle = -1;
        }
    }

    private StoreException Missing(ReadOnlySpan<byte> name, string why) =>
        new(_rootPath, $"tree {_rootPath}: {Printable.Quote(name)} {why}");
}
