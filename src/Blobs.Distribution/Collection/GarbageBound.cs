namespace Blobs.Distribution.Collection;

/// <summary>
/// Collects the objects of a long pass before they pile up. The runtime waits until about as much was allocated as the
/// processor's cache holds, which on a server is more than all that the pass keeps.
/// </summary>
internal sealed class GarbageBound
{
    private const int YoungGeneration = 0;
    private const int OldGeneration = 2;
    private const long YoungBytesMax = 8 << 20;
    private const long OldBytesMax = 200 << 20;

    private readonly Lock _lock = new();
    private readonly Bound _young = new(YoungGeneration, YoungBytesMax, GCCollectionMode.Forced);

    // An ordinary collection would keep the freed memory for later.
    private readonly Bound _old = new(OldGeneration, OldBytesMax, GCCollectionMode.Aggressive);

    /// <summary>To be called for every few kilobytes allocated.</summary>
    public void Check()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated >= _young.Limit && _lock.TryEnter())
        {
            _old.Check(allocated);
            _young.Check(allocated);
            _lock.Exit();
        }
    }

    private sealed class Bound(int generation, long bytesMax, GCCollectionMode mode)
    {
        private int _collections = GC.CollectionCount(generation);
        private long _limit = GC.GetTotalAllocatedBytes() + bytesMax;

        public long Limit => Interlocked.Read(ref _limit);

        public void Check(long allocated)
        {
            if (allocated < _limit)
            {
                return;
            }

            // A runtime that collects often enough, or a program that does much else, needs no help.
            if (GC.CollectionCount(generation) == _collections)
            {
                GC.Collect(generation, mode, blocking: true, compacting: true);
            }

            _collections = GC.CollectionCount(generation);
            Interlocked.Exchange(ref _limit, allocated + bytesMax);
        }
    }
}
