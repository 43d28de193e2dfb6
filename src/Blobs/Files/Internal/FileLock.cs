using System.ComponentModel;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>
/// An advisory lock on an existing file or directory (flock(2)). The kernel releases it when the process ends, however
/// it ends, so there are no stale locks to clean up.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class FileLock : IDisposable
{
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int DoNotBlock = 4;
    private const int Unlock = 8;

    private int _handle;

    private FileLock(int handle) => _handle = handle;

    /// <summary>
    /// Takes the lock if no conflicting lock is held; never waits.
    /// </summary>
    /// <param name="path">What to lock; it is opened for reading.</param>
    /// <param name="isExclusive">Exclusive instead of shared.</param>
    /// <param name="taken">The lock; null with every error.</param>
    /// <returns>An error number: <see cref="Errno.Again"/> when a conflicting lock is held.</returns>
    public static int TryTake(string path, bool isExclusive, out FileLock? taken)
    {
        taken = null;
        int handle;
        fixed (byte* name = FilePath.Terminated(path))
        {
            handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, OpenFlags.CloseOnExec | OpenFlags.NonBlocking, 0);
        }

        if (handle < 0)
        {
            return Errno.Of(handle);
        }

        int errno = Errno.Of(Syscalls.Lock(handle, (isExclusive ? Exclusive : Shared) | DoNotBlock));
        if (errno == Errno.None && !FileStatus.IsSameFile(handle, path))
        {
            // The file was removed while we opened it: the next caller would lock another file.
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

    /// <summary>Makes a shared lock exclusive; false when others share it.</summary>
    public bool TryMakeExclusive() => Errno.Of(Syscalls.Lock(_handle, Exclusive | DoNotBlock)) == Errno.None;

    /// <summary>Takes a shared lock on an open file until it is closed, as soon as nobody has an exclusive one. Does nothing where the
    /// file system has no locks.</summary>
    internal static void Share(int handle)
    {
        while (Errno.Of(Syscalls.Lock(handle, Shared)) == Errno.Interrupted)
        {
        }
    }

    /// <summary>The process that holds a lock on this path; null when there is none or the kernel does not
    /// say.</summary>
    public static int? HolderOf(string path)
    {
        if (FileStatus.TryGet(path, out FileStatus status) != Errno.None)
        {
            return null;
        }

        // "1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF"; a process that waits has "->" in front (proc_locks(5)).
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

    /// <summary>The locked file itself, for reading, even if its path now names another file. It is closed with the
    /// lock.</summary>
    public FileStream OpenStream() =>
        new(new SafeFileHandle(_handle, ownsHandle: false), FileAccess.Read, bufferSize: 0);

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        if (_handle >= 0)
        {
            // Closing is not enough: a child process that is being started has a copy of the handle until it runs its program.
            _ = Syscalls.Lock(_handle, Unlock);
            FileHandle.Close(_handle);
            _handle = -1;
        }
    }
}
