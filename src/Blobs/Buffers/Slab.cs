using System.Diagnostics;

namespace Blobs.Buffers;

/// <summary>
/// A pooled block of decoded bytes. In front of the data stand the last bytes of the slab before, so that a decoder finds its
/// window without a copy of its own. Shared by reference count: the last consumer to let go returns it to its pool.
/// </summary>
internal sealed class Slab
{
    /// <summary>Room in front of the data: DEFLATE looks back at most this far (RFC 1951, 2).</summary>
    public const int HistoryBytes = 32 << 10;

    private readonly SlabPool _pool;
    private int _referenceCount;

    internal Slab(SlabPool pool, int dataBytes)
    {
        _pool = pool;
        Memory = ResidentArray.AllocateUninitialized<byte>(HistoryBytes + dataBytes);
    }

    /// <summary>History, then data.</summary>
    public byte[] Memory { get; }

    /// <summary>Bytes of data so far.</summary>
    public int Length { get; set; }

    /// <summary>Where data that is still to come goes.</summary>
    public Span<byte> Room => Memory.AsSpan(HistoryBytes + Length);

    public ReadOnlySpan<byte> Data => Memory.AsSpan(HistoryBytes, Length);

    /// <summary>The data, for writers that await.</summary>
    public ReadOnlyMemory<byte> DataMemory => Memory.AsMemory(HistoryBytes, Length);

    /// <summary>Puts the end of what came before in front of this slab's data.</summary>
    public void TakeHistoryFrom(Slab previous) =>
        previous.Memory.AsSpan(previous.Length, HistoryBytes).CopyTo(Memory);

    /// <summary>Hands the slab to <paramref name="consumerCount"/> consumers, each of which calls <see cref="Release"/> once.</summary>
    public void Share(int consumerCount)
    {
        Debug.Assert(_referenceCount == 0, "A slab is shared once a turn.");
        Volatile.Write(ref _referenceCount, consumerCount);
    }

    public void Release()
    {
        int left = Interlocked.Decrement(ref _referenceCount);
        Debug.Assert(left >= 0, "Nobody releases twice.");
        if (left == 0)
        {
            _pool.Return(this);
        }
    }
}
