using Blobs.Streams;

namespace Blobs.Images;

/// <summary>Counts the bytes that are read. Owns its source.</summary>
internal sealed class CountingStream(Stream source, Action<int> count) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        count(read);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        count(read);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
