using System.Runtime.CompilerServices;
using Blobs.Files;

namespace Blobs.Buffers;

/// <summary>Allocates large arrays with their memory pages already populated. The callers fill such an array at once, and one
/// request to the kernel is cheaper than a page fault per page.</summary>
internal static unsafe class ResidentArray
{
    /// <summary>A pinned array with undefined content.</summary>
    public static T[] AllocateUninitialized<T>(int length)
        where T : unmanaged
    {
        T[] array = GC.AllocateUninitializedArray<T>(length, pinned: true);
        fixed (T* start = array)
        {
            MemoryPages.Populate(start, (nint)length * Unsafe.SizeOf<T>());
        }

        return array;
    }
}
