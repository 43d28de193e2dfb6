using Blobs.Streams;

namespace Blobs.Distribution.Images;

/// <summary>A stream that reports how many bytes have been read. Owns its source.</summary>
internal sealed class CountedStream(Stream source, Action<long> report) : ReadOnlyStream
{
    private long _position;

    public override long Position => _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override int Read(Span<byte> buffer) => Count(source.Read(buffer));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        _position += read;
        report(_position);
        return read;
    }
}
