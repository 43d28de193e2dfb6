using Blobs.Streams;

namespace Blobs.Docker;

/// <summary>Reads two streams, one after the other, asynchronously. Owns both.</summary>
internal sealed class JoinedStream(Stream first, Stream second) : ReadOnlyStream
{
    private bool _isFirstDone;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isFirstDone)
        {
            int read = await first.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            _isFirstDone = true;
        }

        return await second.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override int Read(Span<byte> buffer) =>
        throw new NotSupportedException("one of the two may be a connection, which is awaited");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Dispose();
            second.Dispose();
        }

        base.Dispose(disposing);
    }
}
