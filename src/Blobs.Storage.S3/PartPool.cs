namespace Blobs.Storage.S3;

/// <summary>
/// The memory for the parts of all uploads of this process. It is given out in whole parts, first come, first served, so
/// that everybody who holds some can fill it; and it consists of chunks, which stay allocated once they were needed.
/// </summary>
internal sealed class PartPool(long bytes)
{
    public const int ChunkBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _idle = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private int _free = ChunksMax(bytes);

    /// <summary>Bytes of the largest part that fits.</summary>
    public long BytesMax { get; } = (long)ChunksMax(bytes) * ChunkBytes;

    /// <summary>Returns memory for a part if there is some, and nobody waits for it.</summary>
    public PartBuffer? TryRent(int partBytes)
    {
        lock (_lock)
        {
            int chunks = ChunksOf(partBytes);
            if (_waiters.Count > 0 || chunks > _free)
            {
                return null;
            }

            _free -= chunks;
            return new PartBuffer(this, partBytes);
        }
    }

    /// <summary>Waits for memory for a part. The caller must hold none: else all could wait for each other.</summary>
    public async ValueTask<PartBuffer> RentAsync(int partBytes, CancellationToken cancellationToken)
    {
        if (TryRent(partBytes) is { } buffer)
        {
            return buffer;
        }

        var waiter = new Waiter(ChunksOf(partBytes));
        lock (_lock)
        {
            _waiters.AddLast(waiter);
            Serve();
        }

        await using CancellationTokenRegistration registration = cancellationToken.Register(() => GiveUp(waiter, cancellationToken));
        await waiter.Turn.Task.ConfigureAwait(false);
        return new PartBuffer(this, partBytes);
    }

    public byte[] TakeChunk()
    {
        lock (_lock)
        {
            return _idle.TryPop(out byte[]? chunk) ? chunk : GC.AllocateUninitializedArray<byte>(ChunkBytes);
        }
    }

    public void Return(int partBytes, IReadOnlyList<byte[]> chunks)
    {
        lock (_lock)
        {
            foreach (byte[] chunk in chunks)
            {
                _idle.Push(chunk);
            }

            _free += ChunksOf(partBytes);
            Serve();
        }
    }

    private static int ChunksMax(long bytes) => (int)Math.Min(bytes / ChunkBytes, int.MaxValue);

    private static int ChunksOf(int partBytes) => (partBytes + ChunkBytes - 1) / ChunkBytes;

    private void Serve()
    {
        while (_waiters.First is { } first && first.Value.Chunks <= _free)
        {
            _waiters.RemoveFirst();
            _free -= first.Value.Chunks;
            first.Value.Turn.SetResult();
        }
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiters.Remove(waiter))
            {
                waiter.Turn.SetCanceled(cancellationToken);
                Serve();
            }
        }
    }

    private sealed class Waiter(int chunks)
    {
        public int Chunks { get; } = chunks;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
