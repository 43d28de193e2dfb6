using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Blobs.Registry;

/// <summary>
/// Blocks of memory for connections, sixteen times as large as Kestrel's own: what arrives is taken from the socket with fewer calls,
/// and a blob leaves in fewer pieces. The last block given back is the next one out, as the processor still has it.
/// </summary>
internal sealed class LargeBlocks : MemoryPool<byte>
{
    private const int BlockBytes = 64 << 10;

    // What is idle beyond this goes back to the system: 16 MiB.
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

    /// <summary>Gives each of Kestrel's transports such a pool.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlocks();
    }

    private sealed class Block(LargeBlocks pool) : IMemoryOwner<byte>
    {
        // Pinned once for good, as the kernel writes into it.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public Memory<byte> Memory => _bytes;

        public void Dispose() => pool.Return(this);
    }
}
