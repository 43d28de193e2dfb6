namespace Blobs.Storage.S3;

/// <summary>The bytes of one part, in chunks of a <see cref="PartPool"/>, to which disposing returns them.</summary>
internal sealed class PartBuffer(PartPool pool, int bytesMax) : IDisposable
{
    private readonly List<byte[]> _chunks = [];
    private bool _isReturned;

    public int Length { get; private set; }

    public bool IsFull => Length == bytesMax;

    /// <summary>Takes as many bytes as fit, and returns their number.</summary>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (taken < bytes.Length && !IsFull)
        {
            Memory<byte> room = Room();
            int count = Math.Min(room.Length, bytes.Length - taken);
            bytes.Slice(taken, count).CopyTo(room.Span);
            Length += count;
            taken += count;
        }

        return taken;
    }

    /// <summary>Takes all bytes of a stream. They must fit.</summary>
    public async ValueTask AppendAsync(Stream source, CancellationToken cancellationToken)
    {
        while (!IsFull)
        {
            int read = await source.ReadAsync(Room(), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            Length += read;
        }
    }

    /// <summary>Copies bytes from an offset on, and returns their number.</summary>
    public int Read(Span<byte> target, int offset)
    {
        int copied = 0;
        while (copied < target.Length && offset < Length)
        {
            int start = offset % PartPool.ChunkBytes;
            int count = Math.Min(Math.Min(PartPool.ChunkBytes - start, Length - offset), target.Length - copied);
            _chunks[offset / PartPool.ChunkBytes].AsSpan(start, count).CopyTo(target[copied..]);
            copied += count;
            offset += count;
        }

        return copied;
    }

    /// <summary>A stream of the bytes. It can seek, so that a request can be repeated.</summary>
    public Stream OpenRead() => new Reader(this);

    public void Dispose()
    {
        if (!_isReturned)
        {
            _isReturned = true;
            pool.Return(bytesMax, _chunks);
        }
    }

    // Never more than the part, nor than the chunk.
    private Memory<byte> Room()
    {
        int start = Length % PartPool.ChunkBytes;
        if (Length / PartPool.ChunkBytes == _chunks.Count)
        {
            _chunks.Add(pool.TakeChunk());
        }

        return _chunks[^1].AsMemory(start, Math.Min(PartPool.ChunkBytes - start, bytesMax - Length));
    }

    private sealed class Reader(PartBuffer buffer) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => buffer.Length;

        public override long Position { get; set; }

        public override int Read(Span<byte> target)
        {
            int read = buffer.Read(target, (int)Position);
            Position += read;
            return read;
        }

        public override int Read(byte[] target, int offset, int count) => Read(target.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(target.Span));

        public override Task<int> ReadAsync(byte[] target, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(target.AsSpan(offset, count)));

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();
    }
}
