using System.Runtime.InteropServices;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>States, and parts of them, are compared as the bytes that they are.</summary>
internal static class StateBytes
{
    public static int Compare<T>(in T left, in T right)
        where T : unmanaged => Of(left).SequenceCompareTo(Of(right));

    /// <summary>Puts two parts that are interchangeable in order.</summary>
    public static void Sort<T>(ref T first, ref T second)
        where T : unmanaged
    {
        if (Compare(first, second) > 0)
        {
            (first, second) = (second, first);
        }
    }

    public static ReadOnlySpan<byte> Of<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
}
