using Blobs.Streams;

namespace Blobs.Transfer;

/// <summary>A stream that tells how many bytes were read from it. Owns what it reads from.</summary>
internal sealed class CountedStream(Stream source, Action<long> told) : ReadOnlyStream
{
    private long _position;

    public override long Position => _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Tell(await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override int Read(Span<byte> buffer) => Tell(source.Read(buffer));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Tell(int read)
    {
        _position += read;
        told(_position);
        return read;
    }
}
