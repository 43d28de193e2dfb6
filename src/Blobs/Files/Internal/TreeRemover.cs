using System.ComponentModel;

namespace Blobs.Files.Internal;

/// <summary>Removes a tree through directory handles: never follows a symbolic link, never leaves the tree, and opens
/// unreadable directories.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TreeRemover
{
    private const uint OwnerAll = 0b111_000_000;

    /// <summary>Removes an entry and everything below it; a missing entry is no error.</summary>
    public static void Remove(DirectoryHandle parent, ReadOnlySpan<byte> nameZ)
    {
        int errno = parent.Remove(nameZ, isDirectory: false);
        if (errno is Errno.None or Errno.NotFound)
        {
            return;
        }

        // For a directory, unlink fails with EISDIR, on some file systems with EPERM.
        Errno.ThrowIfSet("stat", parent.TryGetStatus(nameZ, out FileStatus status), nameZ);
        if (!status.IsDirectory)
        {
            throw Errno.Error("unlink", errno, nameZ);
        }

        errno = parent.TryOpenChild(nameZ, out DirectoryHandle? directory);
        if (errno == Errno.AccessDenied)
        {
            Errno.ThrowIfSet("chmod", parent.SetMode(nameZ, OwnerAll), nameZ);
            errno = parent.TryOpenChild(nameZ, out directory);
        }

        Errno.ThrowIfSet("open", errno, nameZ);
        using (directory)
        {
            RemoveContent(parent, nameZ, directory!);
        }

        Errno.ThrowIfSet("rmdir", parent.Remove(nameZ, isDirectory: true), nameZ);
    }

    /// <summary>Removes the tree at a trusted path; a missing tree is no error.</summary>
    public static void Remove(string path)
    {
        if (!FilePath.IsDirectory(path))
        {
            if (FilePath.IsFile(path))
            {
                File.Delete(path);
            }

            return;
        }

        using DirectoryHandle parent = DirectoryHandle.Open(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Remove(parent, FilePath.Terminated(Path.GetFileName(path)));
    }

    private static void RemoveContent(DirectoryHandle parent, ReadOnlySpan<byte> nameZ, DirectoryHandle directory)
    {
        bool isWritable = false;
        foreach (byte[] child in directory.List())
        {
            if (!isWritable && Syscalls.EffectiveUser() != 0)
            {
                // Without root a directory must be writable to lose its entries.
                parent.SetMode(nameZ, OwnerAll);
                isWritable = true;
            }

            Remove(directory, child);
        }
    }
}
