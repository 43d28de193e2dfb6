using System.Collections.Concurrent;
using System.Diagnostics;

namespace Blobs.Buffers;

/// <summary>
/// At most <paramref name="count"/> slabs, made when first needed. Waiting for a free one is the back-pressure of a pipeline,
/// and their sum is its memory.
/// </summary>
internal sealed class SlabPool(int count, int dataBytes) : IDisposable
{
    private readonly ConcurrentStack<Slab> _free = new();
    private readonly SemaphoreSlim _available = new(count, count);
    private long _lastReturn;

    /// <summary>Slabs that somebody holds: none when a pipeline has ended, well or badly.</summary>
    public int RentedCount => count - _available.CurrentCount;

    /// <summary>When the newest slab came back, as <see cref="Stopwatch.GetTimestamp"/> counts; 0 before the first.</summary>
    public long LastReturn => Volatile.Read(ref _lastReturn);

    /// <summary>Waits on the calling thread, which has nothing else to do.</summary>
    public Slab Rent(CancellationToken cancellationToken)
    {
        _available.Wait(cancellationToken);
        return Take();
    }

    public void Return(Slab slab)
    {
        Volatile.Write(ref _lastReturn, Stopwatch.GetTimestamp());
        _free.Push(slab);
        _available.Release();
    }

    public void Dispose() => _available.Dispose();

    private Slab Take()
    {
        if (!_free.TryPop(out Slab? slab))
        {
            slab = new Slab(this, dataBytes);
        }

        slab.Length = 0;
        return slab;
    }
}
