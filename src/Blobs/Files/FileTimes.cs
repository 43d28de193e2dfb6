using System.Runtime.InteropServices;

namespace Blobs.Files;

/// <summary>Access and modification time of a file, as the kernel takes them: two <c>timespec</c>
/// (utimensat(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileTimes
{
    /// <summary>Last access: seconds since 1970.</summary>
    public long AccessSeconds;

    /// <summary>Last access: nanoseconds of that second.</summary>
    public long AccessNanoseconds;

    /// <summary>Last modification: seconds since 1970.</summary>
    public long ModifiedSeconds;

    /// <summary>Last modification: nanoseconds of that second.</summary>
    public long ModifiedNanoseconds;
}
