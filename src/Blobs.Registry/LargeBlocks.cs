using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Blobs.Registry;

/// <summary>
/// Memory blocks for connections, sixteen times as large as Kestrel's own: fewer reads from the socket, and fewer writes
/// of a blob. The block returned last is rented first, while it is still in the processor's cache.
/// </summary>
internal sealed class LargeBlocks : MemoryPool<byte>
{
    private const int BlockBytes = 64 << 10;

    // 16 MiB; blocks beyond this are left to the garbage collector.
    private const int IdleMax = 256;

    private readonly ConcurrentStack<Block> _idle = new();
    private int _idleCount;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!_idle.TryPop(out Block? block))
        {
            return new Block(this);
        }

        Interlocked.Decrement(ref _idleCount);
        return block;
    }

    protected override void Dispose(bool disposing) => _idle.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _idleCount) <= IdleMax)
        {
            _idle.Push(block);
        }
        else
        {
            Interlocked.Decrement(ref _idleCount);
        }
    }

    /// <summary>Makes a pool for each of Kestrel's transports.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlocks();
    }

    private sealed class Block(LargeBlocks pool) : IMemoryOwner<byte>
    {
        // Pinned for its whole life, as the kernel writes into it.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public Memory<byte> Memory => _bytes;

        public void Dispose() => pool.Return(this);
    }
}
