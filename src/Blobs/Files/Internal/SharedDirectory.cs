using System.ComponentModel;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>Operations on directories that other processes write to and remove at the same time.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class SharedDirectory
{
    // Other processes may change the same directory several times in a row.
    private const int Attempts = 32;

    /// <summary>Names in a directory, in bytewise order; none when it does not exist.</summary>
    public static string[] Names(string path)
    {
        try
        {
            string[] names = [.. DirectoryList.Entries(path).Select(entry => Path.GetFileName(entry)!)];
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (SystemCallException fault) when (Errno.IsMissing(fault.Errno))
        {
            return [];
        }
    }

    /// <summary>Removes a file, or a directory with everything below it; false when nothing was there.</summary>
    public static bool Remove(string path, bool isDurable)
    {
        if (!FileStamp.TryGet(path, out _, out _))
        {
            return false;
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                TreeRemover.Remove(path);
                if (isDurable)
                {
                    DurableDirectory.Flush(Path.GetDirectoryName(path)!);
                }

                return true;
            }
            catch (Exception moved) when (attempt < Attempts && IsOfAnother(moved))
            {
                // Another process removes the same tree, or writes below it: look again.
            }
        }
    }

    /// <summary>Removes a file and its directory, which usually contains nothing else; false when the file was not
    /// there. Nothing is flushed.</summary>
    public static bool RemoveWithFolder(string path)
    {
        int errno = Unlink(path, isDirectory: false);
        bool isThere = errno == Errno.None;
        if (!isThere && errno is not (Errno.NotFound or Errno.NotDirectory))
        {
            throw Errno.Error("unlink", errno, path);
        }

        string folder = Path.GetDirectoryName(path)!;
        errno = Unlink(folder, isDirectory: true);
        return errno switch
        {
            Errno.None or Errno.NotFound or Errno.NotDirectory => isThere,
            Errno.NotEmpty or Errno.Exists => Remove(folder, isDurable: false) && isThere,
            _ => throw Errno.Error("rmdir", errno, folder),
        };
    }

    /// <summary>Sets a file's times to now; false when it is not there.</summary>
    public static bool TryTouch(string path)
    {
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        int errno;
        fixed (byte* name = pathZ.BytesZ)
        {
            errno = Errno.Of(Syscalls.SetTimesAt(Syscalls.CurrentDirectory, name, null, 0));
        }

        pathZ.Dispose();
        return errno switch
        {
            Errno.None => true,
            Errno.NotFound or Errno.NotDirectory => false,
            _ => throw Errno.Error("utimensat", errno, path),
        };
    }

    private static int Unlink(string path, bool isDirectory)
    {
        const int RemoveDirectory = 0x200;
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        int errno;
        fixed (byte* name = pathZ.BytesZ)
        {
            errno = Errno.Of(Syscalls.UnlinkAt(Syscalls.CurrentDirectory, name, isDirectory ? RemoveDirectory : 0));
        }

        pathZ.Dispose();
        return errno;
    }

    private static bool IsOfAnother(Exception fault) =>
        fault is DirectoryNotFoundException or SystemCallException { Errno: Errno.NotFound or Errno.NotEmpty };
}
