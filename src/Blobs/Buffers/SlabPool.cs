using System.Collections.Concurrent;
using System.Diagnostics;

namespace Blobs.Buffers;

/// <summary>
/// A pool of at most <paramref name="count"/> slabs, which are allocated when first needed. It bounds the memory of a pipeline, and
/// a stage that waits for a free slab is how back-pressure works.
/// </summary>
internal sealed class SlabPool(int count, int dataBytes) : IDisposable
{
    private readonly ConcurrentStack<Slab> _free = new();
    private readonly SemaphoreSlim _available = new(count, count);
    private long _lastReturn;

    /// <summary>When a slab was last returned, as a <see cref="Stopwatch.GetTimestamp"/> value; 0 before the first.</summary>
    public long LastReturn => Volatile.Read(ref _lastReturn);

    /// <summary>Takes a free slab; blocks the calling thread until there is one.</summary>
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
