using System.Runtime.InteropServices;

namespace Blobs.Files;

/// <summary>When a file was last read and last changed, as the kernel takes it: two <c>timespec</c> (utimensat(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FileTimes
{
    /// <summary>Last access: seconds since 1970.</summary>
    public long AccessSeconds;

    /// <summary>And nanoseconds of that second.</summary>
    public long AccessNanoseconds;

    /// <summary>Last modification: seconds since 1970.</summary>
    public long ModifiedSeconds;

    /// <summary>And nanoseconds of that second.</summary>
    public long ModifiedNanoseconds;
}
