using System.Runtime.CompilerServices;
using Blobs.Files;

namespace Blobs.Buffers;

/// <summary>Large arrays that are written from one end to the other soon after they are made, and so want their memory at once.</summary>
internal static unsafe class ResidentArray
{
    /// <summary>An array that is never moved, its content whatever was there.</summary>
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
