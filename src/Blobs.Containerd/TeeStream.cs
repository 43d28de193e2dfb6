using Blobs.Streams;

namespace Blobs.Containerd;

/// <summary>Hands what is read of a source to a writer, too.</summary>
internal sealed class TeeStream(Stream source, IBlobWriter writer) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer) => throw new NotSupportedException("This stream is only read asynchronously.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
        return length;
    }
}
