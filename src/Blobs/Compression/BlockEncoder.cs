using Blobs.Buffers;

namespace Blobs.Compression;

/// <summary>
/// Cuts what is written into blocks that are compressed each on its own: as many as there are threads side by side, written in order.
/// </summary>
public abstract class BlockEncoder : IByteSink
{
    private readonly int _blockBytes;
    private readonly byte[]?[] _blocks;
    private readonly MemoryStream?[] _compressed;
    private int _fullBlocks;
    private int _blockLength;

    private protected BlockEncoder(IByteSink target, int blockBytes, int threads)
    {
        Target = target;
        _blockBytes = blockBytes;
        _blocks = new byte[]?[Math.Max(1, threads)];
        _compressed = new MemoryStream?[_blocks.Length];
    }

    private protected IByteSink Target { get; }

    private protected int BlocksAtOnce => _blocks.Length;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_blockLength == _blockBytes)
            {
                _fullBlocks++;
                _blockLength = 0;
                if (_fullBlocks == _blocks.Length)
                {
                    WriteBlocks(isLast: false);
                }
            }

            byte[] block = _blocks[_fullBlocks] ??= ResidentArray.AllocateUninitialized<byte>(_blockBytes);
            int taken = Math.Min(bytes.Length, _blockBytes - _blockLength);
            bytes[..taken].CopyTo(block.AsSpan(_blockLength));
            _blockLength += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Compresses and writes all that is left: one block at least, which is empty when nothing was ever written.</summary>
    private protected void WriteLast() => WriteBlocks(isLast: true);

    /// <summary>Compresses a block, on any thread.</summary>
    /// <param name="index">Which of those side by side.</param>
    /// <param name="block">What was written.</param>
    /// <param name="isFinal">Whether no other follows.</param>
    /// <param name="compressed">Takes what it becomes; empty.</param>
    private protected abstract void Compress(int index, ReadOnlySpan<byte> block, bool isFinal, MemoryStream compressed);

    /// <summary>A block is about to be written: called for each in order, on the thread of the writer.</summary>
    private protected virtual void BeforeWriting(ReadOnlySpan<byte> block)
    {
    }

    private void WriteBlocks(bool isLast)
    {
        int count = isLast ? _fullBlocks + 1 : _fullBlocks;
        int lastLength = isLast ? _blockLength : _blockBytes;
        if (count == 1)
        {
            CompressOne(0);
        }
        else
        {
            Parallel.For(0, count, CompressOne);
        }

        for (int i = 0; i < count; i++)
        {
            BeforeWriting(Block(i));
            Target.Write(_compressed[i]!.GetBuffer().AsSpan(0, (int)_compressed[i]!.Length));
        }

        _fullBlocks = 0;

        ReadOnlySpan<byte> Block(int index) => _blocks[index].AsSpan(0, index == count - 1 ? lastLength : _blockBytes);

        void CompressOne(int index)
        {
            MemoryStream compressed = _compressed[index] ??= new MemoryStream();
            compressed.SetLength(0);
            Compress(index, Block(index), isLast && index == count - 1, compressed);
        }
    }
}
