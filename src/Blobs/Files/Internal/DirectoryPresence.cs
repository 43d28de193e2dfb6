using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Checks whether a directory exists and is writable. A directory that cannot be examined is an error, not a
/// missing one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class DirectoryPresence
{
    /// <summary>False when nothing has that name.</summary>
    /// <exception cref="StoreException">Something else has that name.</exception>
    /// <exception cref="SystemCallException">The kernel does not say.</exception>
    public static bool IsThere(string path) => FilePath.IsDirectory(path)
        || (FilePath.IsFile(path) ? throw new StoreException(path, $"{path}: is a file, expected a directory") : false);

    /// <summary>Requires that a directory exists.</summary>
    /// <exception cref="NotFoundException">It is not there.</exception>
    /// <exception cref="StoreException">Something else has that name.</exception>
    public static void Require(string path)
    {
        if (!IsThere(path))
        {
            throw new NotFoundException(path, $"{path}: there is no such directory");
        }
    }

    /// <summary>Requires that a directory, or, where it does not exist yet, the nearest existing one above it, is
    /// writable.</summary>
    /// <exception cref="StoreException">Something else has that name.</exception>
    /// <exception cref="SystemCallException">Nothing can be written there.</exception>
    public static void RequireWritable(string path)
    {
        string nearest = path;
        while (!IsThere(nearest) && Path.GetDirectoryName(nearest) is { Length: > 0 } above)
        {
            nearest = above;
        }

        int errno = Access(nearest);
        if (errno != Errno.None)
        {
            throw Errno.Error("write", errno, nearest);
        }
    }

    private static unsafe int Access(string path)
    {
        const int WriteAndSearch = 2 | 1;
        const int AsEffectiveUser = 0x200;
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        try
        {
            fixed (byte* name = pathZ.BytesZ)
            {
                return Errno.Of(Syscalls.AccessAt(Syscalls.CurrentDirectory, name, WriteAndSearch, AsEffectiveUser));
            }
        }
        finally
        {
            pathZ.Dispose();
        }
    }
}
