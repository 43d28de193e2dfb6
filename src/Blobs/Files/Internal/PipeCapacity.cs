using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>
/// Between two programs the kernel keeps 64 KiB by default, so that they wake each other thousands of times a second. A larger pipe lets
/// both work.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PipeCapacity
{
    // What any user may ask for (/proc/sys/fs/pipe-max-size).
    private const int Bytes = 1 << 20;
    private const int SetPipeSize = 1031;

    /// <summary>Enlarges the pipe behind a stream. Anything else, and a kernel that refuses, is left as it is.</summary>
    public static void TryEnlarge(Stream stream)
    {
        if (OperatingSystem.IsLinux() && stream is FileStream { CanSeek: false, SafeFileHandle: SafeFileHandle handle })
        {
            TryEnlarge(handle);
        }
    }

    /// <inheritdoc cref="TryEnlarge(Stream)"/>
    public static void TryEnlarge(SafeFileHandle handle) =>
        _ = Syscalls.Control((int)handle.DangerousGetHandle(), SetPipeSize, Bytes);
}
