using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Directories whose names are on disk, not only in memory.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DurableDirectory
{
    // What the process's mask leaves of it.
    private const UnixFileMode UsualMode = (UnixFileMode)0b111_111_111;

    /// <summary>Makes a directory and those above it, unless they are there; the names of new ones are flushed when asked.</summary>
    public static void Ensure(string path, bool isDurable)
    {
        if (FilePath.IsDirectory(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            Ensure(parent, isDurable);
        }

        Make(path, UsualMode);
        if (isDurable && !string.IsNullOrEmpty(parent))
        {
            Flush(parent);
        }
    }

    /// <summary>Makes one directory.</summary>
    /// <exception cref="StoreException">A file has the name.</exception>
    /// <exception cref="SystemCallException">The kernel refused it.</exception>
    public static void Make(string path, UnixFileMode mode)
    {
        try
        {
            Directory.CreateDirectory(path, mode);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw FilePath.IsFile(path)
                ? new StoreException(path, $"{path}: is a file, expected a directory")
                : Errno.Error("mkdir", fault, path);
        }
    }

    /// <summary>The same with an exact mode, the names of new ones always flushed: a file that is durable is about to come in.</summary>
    public static void Ensure(string path, UnixFileMode mode) => new MadeDirectories(isDurable: true).Ensure(path, mode);

    /// <summary>Puts everything on disk that was written to the file system of a directory. One call for a hundred thousand files costs
    /// what a few calls for one file each do.</summary>
    public static void FlushFileSystem(string path)
    {
        using DirectoryHandle directory = DirectoryHandle.Open(path);
        int errno = Errno.Of(Syscalls.SyncFileSystem(directory.Handle));
        Errno.ThrowIfSet("syncfs", errno, System.Text.Encoding.UTF8.GetBytes(path));
    }

    /// <summary>Puts the names in a directory on disk.</summary>
    public static void Flush(string path)
    {
        using DirectoryHandle directory = DirectoryHandle.Open(path);
        int errno = Errno.Of(Syscalls.Sync(directory.Handle));
        if (errno is not (Errno.None or Errno.Invalid))
        {
            throw Errno.Error("fsync", errno, path);
        }
    }
}
