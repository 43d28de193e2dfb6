using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace Blobs.Files.Internal;

/// <summary>
/// Examines a trusted path, symbolic links followed. <see cref="File.Exists"/> returns false for every error; these
/// methods do so only when nothing is there, and throw otherwise.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class FilePath
{
    /// <summary>Whether the path exists and is not a directory.</summary>
    /// <exception cref="Errors.SystemCallException">The kernel does not say.</exception>
    public static bool IsFile(string path) => TryGetStatus(path, out FileStatus status) && !status.IsDirectory;

    /// <summary>Whether the path is a directory.</summary>
    /// <exception cref="Errors.SystemCallException">The kernel does not say.</exception>
    public static bool IsDirectory(string path) => TryGetStatus(path, out FileStatus status) && status.IsDirectory;

    /// <summary>The permission bits of a file or directory.</summary>
    /// <exception cref="Errors.SystemCallException">Nothing is there, or the kernel does not say.</exception>
    public static UnixFileMode ModeOf(string path) => TryGetStatus(path, out FileStatus status)
        ? (UnixFileMode)status.Permissions
        : throw Errno.Error("stat", Errno.NotFound, path);

    /// <summary>The target of a symbolic link; null when there is no such link.</summary>
    /// <exception cref="Errors.SystemCallException">The kernel does not say.</exception>
    public static string? LinkTarget(string path)
    {
        const int TargetBytesMax = 4096;
        Span<byte> buffer = stackalloc byte[TargetBytesMax];
        var pathZ = new KernelPath(path, stackalloc byte[KernelPath.StackBytes]);
        nint length;
        int errno;
        fixed (byte* name = pathZ.BytesZ, target = buffer)
        {
            length = Syscalls.ReadLinkAt(Syscalls.CurrentDirectory, name, target, buffer.Length);
            errno = Errno.Of(length);
        }

        pathZ.Dispose();
        return errno switch
        {
            Errno.None => Encoding.UTF8.GetString(buffer[..(int)length]),
            Errno.NotFound or Errno.NotDirectory or Errno.Invalid => null,
            _ => throw Errno.Error("readlink", errno, path),
        };
    }

    private static bool TryGetStatus(string path, out FileStatus status)
    {
        int errno = FileStatus.TryGet(path, out status);
        return errno switch
        {
            Errno.None => true,
            Errno.NotFound or Errno.NotDirectory or Errno.NameTooLong => false,
            _ => throw Errno.Error("stat", errno, path),
        };
    }

    /// <summary>The path with symbolic links resolved; unchanged when there is no such directory.</summary>
    public static string RealPath(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        using DirectoryHandle directory = DirectoryHandle.Open(path);
        return File.ResolveLinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Handle}"), false)!.FullName;
    }

    /// <summary>The path in UTF-8, followed by a NUL.</summary>
    public static byte[] Terminated(string path) => [.. Encoding.UTF8.GetBytes(path), 0];
}
