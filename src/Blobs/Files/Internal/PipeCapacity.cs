using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Files.Internal;

/// <summary>
/// Enlarges pipes. The default of 64 KiB makes two fast programs wake each other thousands of times a second.
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
