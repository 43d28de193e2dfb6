using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Creates directories and flushes them to disk.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DurableDirectory
{
    // The process's umask still applies.
    private const UnixFileMode UsualMode = (UnixFileMode)0b111_111_111;

    /// <summary>Creates a directory and its parents as needed; flushes the names of new ones on request.</summary>
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

    /// <summary>Creates one directory.</summary>
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

    /// <summary>Creates a directory and its parents with an exact mode, and flushes the names of new ones.</summary>
    public static void Ensure(string path, UnixFileMode mode) => new MadeDirectories(isDurable: true).Ensure(path, mode);

    /// <summary>Flushes everything written to the file system of a directory (syncfs(2)). One call for a hundred
    /// thousand files costs about as much as a few calls of fsync(2).</summary>
    public static void FlushFileSystem(string path)
    {
        using DirectoryHandle directory = DirectoryHandle.Open(path);
        int errno = Errno.Of(Syscalls.SyncFileSystem(directory.Handle));
        Errno.ThrowIfSet("syncfs", errno, System.Text.Encoding.UTF8.GetBytes(path));
    }

    /// <summary>Flushes the entries of a directory (fsync(2)).</summary>
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
