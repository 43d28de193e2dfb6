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

    private static bool IsOfAnother(Exception fault) =>
        fault is DirectoryNotFoundException or SystemCallException { Errno: Errno.NotFound or Errno.NotEmpty };
}
