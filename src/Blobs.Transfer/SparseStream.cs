using Blobs.Streams;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>Expands a sparse archive member: data chunks at their offsets, zeros between them. Owns its
/// source.</summary>
/// <param name="source">The data chunks, one after another.</param>
/// <param name="map">Their offsets and lengths, in order.</param>
/// <param name="length">Bytes of the file.</param>
internal sealed class SparseStream(Stream source, IReadOnlyList<SparseChunk> map, long length) : ReadOnlyStream
{
    private long _position;
    private int _chunk;

    public override long Length => length;

    public override int Read(Span<byte> buffer)
    {
        int count = Next(buffer.Length, out bool isData);
        if (isData)
        {
            count = source.Read(buffer[..count]);
        }
        else
        {
            buffer[..count].Clear();
        }

        _position += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count = Next(buffer.Length, out bool isData);
        if (isData)
        {
            count = await source.ReadAsync(buffer[..count], cancellationToken).ConfigureAwait(false);
        }
        else
        {
            buffer.Span[..count].Clear();
        }

        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    // Length of the next read, and whether it is data or a hole.
    private int Next(int most, out bool isData)
    {
        while (_chunk < map.Count && map[_chunk].Offset + map[_chunk].Length <= _position)
        {
            _chunk++;
        }

        SparseChunk chunk = _chunk < map.Count ? map[_chunk] : new SparseChunk(length, 0);
        isData = chunk.Offset <= _position && chunk.Length > 0;
        long end = isData ? chunk.Offset + chunk.Length : Math.Min(chunk.Offset, length);
        return (int)Math.Min(most, end - _position);
    }
}
