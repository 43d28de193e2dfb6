using System.ComponentModel;
using System.Text;

namespace Blobs.Files.Internal;

/// <summary>
/// What stands at a path of ours, links followed. Where the framework's <see cref="File.Exists"/> says no to everything that goes wrong,
/// this says no only when nothing is there: what cannot be looked at is an error.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class FilePath
{
    /// <summary>Whether something other than a directory is there.</summary>
    /// <exception cref="Errors.SystemCallException">The kernel does not say.</exception>
    public static bool IsFile(string path) => TryGetStatus(path, out FileStatus status) && !status.IsDirectory;

    /// <summary>Whether a directory is there.</summary>
    /// <exception cref="Errors.SystemCallException">The kernel does not say.</exception>
    public static bool IsDirectory(string path) => TryGetStatus(path, out FileStatus status) && status.IsDirectory;

    /// <summary>The permissions of what is there.</summary>
    /// <exception cref="Errors.SystemCallException">Nothing is there, or the kernel does not say.</exception>
    public static UnixFileMode ModeOf(string path) => TryGetStatus(path, out FileStatus status)
        ? (UnixFileMode)status.Permissions
        : throw Errno.Error("stat", Errno.NotFound, path);

    /// <summary>Where a link leads; null when nothing is there, or no link.</summary>
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
}
