using System.Globalization;
using Blobs.Errors;
using Blobs.Files.Internal;

namespace Blobs.Files;

/// <summary>An open directory. Operations relative to it are unaffected when a directory above is renamed.</summary>
public sealed unsafe class DirectoryHandle : IDisposable
{
    internal DirectoryHandle(int handle) => Handle = handle;

    /// <summary>The descriptor.</summary>
    internal int Handle { get; private set; }

    /// <summary>The directory's path, symbolic links resolved.</summary>
    internal string Name =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{Handle}")).LinkTarget ?? ".";

    /// <summary>Opens a directory by a trusted path, which may contain symbolic links.</summary>
    /// <exception cref="SystemCallException">It is not there, or not a directory.</exception>
    public static DirectoryHandle Open(string path)
    {
        fixed (byte* name = FilePath.Terminated(path))
        {
            int handle = Syscalls.OpenAt(Syscalls.CurrentDirectory, name, OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
            return handle >= 0 ? new DirectoryHandle(handle) : throw Errno.Error("open", Errno.Of(handle), path);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Handle >= 0)
        {
            _ = Syscalls.Close(Handle);
            Handle = -1;
        }
    }
}
