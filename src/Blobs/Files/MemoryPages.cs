namespace Blobs.Files;

/// <summary>Pages of memory that the kernel has promised, and gives when they are first touched, one fault each.</summary>
internal static unsafe class MemoryPages
{
    // Linux 5.14. Older kernels say that they do not know it, and go on page by page.
    private const int PopulateWrite = 23;

    /// <summary>Asks for all pages of a stretch of memory at once, which must not be moved meanwhile. Only a matter of speed: a fault costs
    /// several times what the page does, on a virtual machine twenty times.</summary>
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
