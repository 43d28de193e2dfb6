using System.ComponentModel;
using Blobs.Errors;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>Operations on open files by descriptor.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class FileHandle
{
    /// <summary>
    /// Opens a file for reading by a trusted path; null when it does not exist. The framework would also take a shared
    /// lock, and so fail while a writer still holds its own.
    /// </summary>
    public static SafeFileHandle? TryOpenRead(string path)
    {
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        int handle;
        fixed (byte* name = pathZ.BytesZ)
        {
            handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, OpenFlags.CloseOnExec, 0);
        }

        int errno = Errno.Of(handle);
        pathZ.Dispose();
        return errno switch
        {
            Errno.None => new SafeFileHandle(handle, ownsHandle: true),
            Errno.NotFound or Errno.NotDirectory => null,
            _ => throw Errno.Error("open", errno, path),
        };
    }

    /// <summary>Opens a file for reading by a trusted path.</summary>
    /// <exception cref="StoreException">It is a directory.</exception>
    /// <exception cref="SystemCallException">It is not there, or may not be read.</exception>
    public static FileStream OpenRead(string path)
    {
        SafeFileHandle handle = TryOpenRead(path)
            ?? throw new SystemCallException("open", Errno.NotFound, path, $"{path}: {Errno.Describe(Errno.NotFound)}");
        int errno = FileStatus.TryGet((int)handle.DangerousGetHandle(), out FileStatus status);
        if (errno == Errno.None && !status.IsDirectory)
        {
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }

        handle.Dispose();
        throw errno == Errno.None
            ? new StoreException(path, $"{path}: is a directory, expected a file")
            : Errno.Error("stat", errno, path);
    }

    /// <summary>Writes all of <paramref name="bytes"/>; returns an error number.</summary>
    public static int Write(int handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int position = 0; position < bytes.Length;)
            {
                nint written = Syscalls.Write(handle, start + position, bytes.Length - position);
                int errno = Errno.Of(written);
                if (errno == Errno.Interrupted)
                {
                    continue;
                }

                if (errno == Errno.Again)
                {
                    // A full pipe that the parent process made non-blocking.
                    WaitUntilWritable(handle);
                    continue;
                }

                if (errno != Errno.None)
                {
                    return errno;
                }

                position += (int)written;
            }

            return Errno.None;
        }
    }

    public static int WriteAt(int handle, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (int position = 0; position < bytes.Length;)
            {
                nint written = Syscalls.WriteAt(handle, start + position, bytes.Length - position, offset + position);
                int errno = Errno.Of(written);
                if (errno == Errno.Interrupted)
                {
                    continue;
                }

                if (errno != Errno.None)
                {
                    return errno;
                }

                position += (int)written;
            }

            return Errno.None;
        }
    }

    /// <summary>Reads up to <c>target.Length</c> bytes; 0 at the end.</summary>
    public static int Read(int handle, Span<byte> target, out int errno)
    {
        fixed (byte* start = target)
        {
            nint read;
            do
            {
                read = Syscalls.Read(handle, start, target.Length);
                errno = Errno.Of(read);
            }
            while (errno == Errno.Interrupted);
            return (int)Math.Max(0, read);
        }
    }

    /// <summary>Flushes the file to disk (fsync(2)). The runtime's own flush ignores errors.</summary>
    /// <exception cref="SystemCallException">The disk refused them.</exception>
    public static void FlushToDisk(SafeFileHandle file, string path)
    {
        int errno = Sync((int)file.DangerousGetHandle());
        if (errno is not (Errno.None or Errno.Invalid or Errno.NotSupported))
        {
            throw Errno.Error("fsync", errno, path);
        }

        GC.KeepAlive(file);
    }

    /// <inheritdoc cref="FlushToDisk(SafeFileHandle, string)"/>
    public static void FlushToDisk(FileStream file)
    {
        file.Flush();
        FlushToDisk(file.SafeFileHandle, file.Name);
    }

    /// <summary>Flushes the file to disk (fsync(2)); returns an error number.</summary>
    public static int Sync(int handle) => Errno.Of(Syscalls.Sync(handle));

    /// <summary>Has the disk begin to take a part of the file, so that a later flush waits less. Only an optimization: it may do
    /// nothing, and errors are left to that flush.</summary>
    internal static void BeginFlush(int handle, long offset, long length)
    {
        const uint Write = 2;
        if (OperatingSystem.IsLinux())
        {
            _ = Syscalls.SyncRange(handle, offset, length, Write);
        }
    }

    public static int SetLength(int handle, long length) => Errno.Of(Syscalls.SetLength(handle, length));

    public static int SetOwner(int handle, uint user, uint group) => Errno.Of(Syscalls.SetOwner(handle, user, group));

    public static int SetMode(int handle, uint mode) => Errno.Of(Syscalls.SetMode(handle, mode));

    internal static int SetTimes(int handle, FileTimes times) => Errno.Of(Syscalls.SetTimes(handle, &times));

    /// <summary>Copies a file's content, inside the kernel where possible; the copies then share blocks if the file
    /// system supports it.</summary>
    public static int CopyAll(int source, int target)
    {
        const nint StepBytes = 1 << 30;
        while (true)
        {
            nint copied = Syscalls.CopyRange(source, null, target, null, StepBytes, 0);
            if (Errno.Of(copied) is Errno.CrossDevice or Errno.NotSupported or Errno.NotImplemented)
            {
                return CopyThroughMemory(source, target);
            }

            if (copied <= 0)
            {
                return Errno.Of(copied);
            }
        }
    }

    private static int CopyThroughMemory(int source, int target)
    {
        const int BufferBytes = 128 << 10;
        byte[] buffer = new byte[BufferBytes];
        int errno = Errno.None;
        for (int read = 1; read > 0 && errno == Errno.None;)
        {
            read = Read(source, buffer, out errno);
            errno = errno == Errno.None ? Write(target, buffer.AsSpan(0, read)) : errno;
        }

        return errno;
    }

    private static void WaitUntilWritable(int handle)
    {
        const short Writable = 4;
        const int Forever = -1;
        var item = new Syscalls.PollItem { Handle = handle, Events = Writable };
        _ = Syscalls.Poll(&item, 1, Forever);
    }

    public static void Close(int handle) => _ = Syscalls.Close(handle);
}
