using System.Globalization;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files;

/// <summary>
/// An advisory lock on a file or directory that is there (flock(2)). The kernel lets go of it when its process ends, however it ends,
/// so that no lock outlives its owner and nothing has to be tidied.
/// </summary>
public sealed unsafe class FileLock : IDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int DoNotBlock = 4;

    private int _handle;

    private FileLock(int handle) => _handle = handle;

    /// <summary>
    /// Takes the lock if nobody's lock is in its way.
    /// </summary>
    /// <param name="path">What to lock; it is opened for reading.</param>
    /// <param name="isExclusive">Alone, instead of together with others who share.</param>
    /// <param name="taken">The lock; null with every error.</param>
    /// <returns>An error number: <see cref="Errno.Again"/> when somebody is in the way.</returns>
    public static int TryTake(string path, bool isExclusive, out FileLock? taken)
    {
        taken = null;
        int handle;
        fixed (byte* name = DirectoryHandle.Terminated(path))
        {
            handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, OpenFlags.CloseOnExec | OpenFlags.NonBlocking, 0);
        }

        if (handle < 0)
        {
            return Errno.Of(handle);
        }

        int errno = Errno.Of(Syscalls.Lock(handle, (isExclusive ? Exclusive : Shared) | DoNotBlock));
        if (errno == Errno.None && !IsStillThere(handle, path))
        {
            // It was removed while we opened it: whoever comes next would lock another one.
            errno = Errno.Again;
        }

        if (errno != Errno.None)
        {
            FileHandle.Close(handle);
            return errno;
        }

        taken = new FileLock(handle);
        return Errno.None;
    }

    /// <summary>Makes a shared lock one's own alone; false when others share it.</summary>
    public bool TryMakeExclusive() => Errno.Of(Syscalls.Lock(_handle, Exclusive | DoNotBlock)) == Errno.None;

    /// <summary>Locks an open file, together with others who share, until it is closed; not where the file system knows no locks.</summary>
    public static void TryShare(int handle) => _ = Syscalls.Lock(handle, Shared | DoNotBlock);

    /// <summary>The process that holds a lock on this; null when nobody does or the kernel does not say.</summary>
    public static int? HolderOf(string path)
    {
        if (FileStatus.TryGet(path, out FileStatus status) != Errno.None)
        {
            return null;
        }

        // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; who only waits has "->" in front (proc_locks(5)).
        string file = string.Create(CultureInfo.InvariantCulture, $"{status.HostMajor:x2}:{status.HostMinor:x2}:{status.Inode}");
        foreach (string line in File.ReadLines("/proc/locks"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isHolder = words.Length > 5 && words[1] == "FLOCK" && words[5] == file;
            if (isHolder && int.TryParse(words[4], CultureInfo.InvariantCulture, out int process) && process > 0)
            {
                return process;
            }
        }

        return null;
    }

    /// <summary>The locked file itself, for reading, whatever its path means by now. It is closed with the lock.</summary>
    public FileStream OpenStream() =>
        new(new SafeFileHandle(_handle, ownsHandle: false), FileAccess.Read, bufferSize: 0);

    /// <summary>Lets go of the lock.</summary>
    public void Dispose()
    {
        if (_handle >= 0)
        {
            FileHandle.Close(_handle);
            _handle = -1;
        }
    }

    private static bool IsStillThere(int handle, string path) =>
        FileStatus.TryGet(handle, out FileStatus locked) == Errno.None
        && FileStatus.TryGet(path, out FileStatus named) == Errno.None
        && (locked.Inode, locked.HostMajor, locked.HostMinor) == (named.Inode, named.HostMajor, named.HostMinor);
}
