namespace Blobs.Files;

/// <summary>Populates memory pages ahead of use.</summary>
internal static unsafe class MemoryPages
{
    // Linux 5.14. Older kernels refuse it, and pages are populated one fault at a time.
    private const int PopulateWrite = 23;

    /// <summary>Populates all pages of a pinned range at once. This is only an optimization: a page fault costs several
    /// times as much as the page itself, on a virtual machine twenty times.</summary>
    public static void Populate(void* start, nint length)
    {
        if (OperatingSystem.IsLinux())
        {
            nuint pageMask = (nuint)Environment.SystemPageSize - 1;
            nuint first = (nuint)start & ~pageMask;
            nuint end = ((nuint)start + (nuint)length + pageMask) & ~pageMask;
            _ = Syscalls.Advise((void*)first, end - first, PopulateWrite);
        }
    }
}
