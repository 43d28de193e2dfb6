using System.ComponentModel;
using System.Runtime.InteropServices;
using Blobs.Errors;

namespace Blobs.Files.Internal;

/// <summary>
/// A POSIX record lock on a whole file, as Go programs take with <c>fcntl</c>. It belongs to the open file, not to the
/// process (F_OFD_SETLK), so it excludes other threads too, and closing another handle of the same file does not release
/// it. The kernel releases it when the process ends.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class RecordLock : IDisposable
{
    private const int SetLock = 37;
    private const short ForReading = 0;
    private const short ForWriting = 1;
    private const short Unlock = 2;

    private int _handle;

    private RecordLock(int handle) => _handle = handle;

    /// <summary>Takes the lock if nobody holds a conflicting one; never waits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isExclusive">Exclusive instead of shared.</param>
    /// <param name="newMode">Mode of the file if it is created; null if it must exist.</param>
    /// <param name="taken">The lock; null with every error.</param>
    /// <returns>An error number: <see cref="Errno.Again"/> when a conflicting lock is held.</returns>
    public static int TryTake(string path, bool isExclusive, UnixFileMode? newMode, out RecordLock? taken)
    {
        taken = null;
        int flags = (isExclusive || newMode is not null ? OpenFlags.ReadWrite : 0)
            | (newMode is null ? 0 : OpenFlags.Create) | OpenFlags.CloseOnExec;
        int handle;
        fixed (byte* name = FilePath.Terminated(path))
        {
            handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, flags, (uint)(newMode ?? 0));
        }

        if (handle < 0)
        {
            return Errno.Of(handle);
        }

        var range = new Range { Type = isExclusive ? ForWriting : ForReading };
        int errno = Errno.Of(Syscalls.Control(handle, SetLock, (nint)(&range)));
        if (errno != Errno.None)
        {
            FileHandle.Close(handle);
            return errno == Errno.AccessDenied ? Errno.Again : errno;
        }

        taken = new RecordLock(handle);
        return Errno.None;
    }

    /// <summary>Whether the path still names the locked file.</summary>
    public bool IsAt(string path) => FileStatus.IsSameFile(_handle, path);

    /// <summary>Writes into the locked file, from its beginning.</summary>
    /// <exception cref="SystemCallException">The disk refused it.</exception>
    public void Write(ReadOnlySpan<byte> content, string path)
    {
        int errno = FileHandle.WriteAt(_handle, content, 0);
        if (errno != Errno.None)
        {
            throw Errno.Error("write", errno, path);
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        if (_handle >= 0)
        {
            // Closing is not enough: a child process that is being started has a copy of the handle until it runs its program.
            var range = new Range { Type = Unlock };
            _ = Syscalls.Control(_handle, SetLock, (nint)(&range));
            FileHandle.Close(_handle);
            _handle = -1;
        }
    }

    // struct flock of 64-bit Linux: the whole file, and no process id, as open file description locks require.
    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
