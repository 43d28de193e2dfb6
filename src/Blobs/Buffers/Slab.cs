using System.Diagnostics;

namespace Blobs.Buffers;

/// <summary>
/// A pooled block of decoded bytes. The end of the previous slab precedes the data, so a decoder finds its window there and needs
/// no copy of its own. A slab is reference-counted: the last consumer to release it returns it to its pool.
/// </summary>
internal sealed class Slab
{
    /// <summary>Size of the history before the data: DEFLATE looks back at most this far (RFC 1951, 2).</summary>
    public const int HistoryBytes = 32 << 10;

    private readonly SlabPool _pool;
    private int _referenceCount;

    internal Slab(SlabPool pool, int dataBytes)
    {
        _pool = pool;
        Memory = ResidentArray.AllocateUninitialized<byte>(HistoryBytes + dataBytes);
    }

    /// <summary>The history, then the data.</summary>
    public byte[] Memory { get; }

    /// <summary>Bytes of data written so far.</summary>
    public int Length { get; set; }

    /// <summary>The free space after the data.</summary>
    public Span<byte> Room => Memory.AsSpan(HistoryBytes + Length);

    public ReadOnlySpan<byte> Data => Memory.AsSpan(HistoryBytes, Length);

    /// <summary>The data, for asynchronous writers.</summary>
    public ReadOnlyMemory<byte> DataMemory => Memory.AsMemory(HistoryBytes, Length);

    /// <summary>Copies the end of the previous slab into this slab's history.</summary>
    public void TakeHistoryFrom(Slab previous) =>
        previous.Memory.AsSpan(previous.Length, HistoryBytes).CopyTo(Memory);

    /// <summary>Hands the slab to <paramref name="consumerCount"/> consumers, each of which calls <see cref="Release"/> once.</summary>
    public void Share(int consumerCount)
    {
        Debug.Assert(_referenceCount == 0, "A slab is shared once per rental.");
        Volatile.Write(ref _referenceCount, consumerCount);
    }

    public void Release()
    {
        int left = Interlocked.Decrement(ref _referenceCount);
        Debug.Assert(left >= 0, "Each consumer releases once.");
        if (left == 0)
        {
            _pool.Return(this);
        }
    }
}
