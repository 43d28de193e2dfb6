using System.Net;
using System.Runtime.ExceptionServices;
using Blobs.Streams;

namespace Blobs.Distribution.Client;

/// <summary>A request body that is produced while it is sent. Failures of the producer are kept apart from failures of
/// the connection.</summary>
internal sealed class ProducedContent(Func<Stream, CancellationToken, Task> write, long? length, CancellationToken cancellationToken)
    : HttpContent
{
    private ExceptionDispatchInfo? _fault;

    /// <summary>Called whenever bytes were sent.</summary>
    public Action? Moved { get; set; }

    public void ThrowIfFailed() => _fault?.Throw();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, cancellationToken);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var watched = new WatchedStream(this, stream);
        await using (watched.ConfigureAwait(false))
        {
            try
            {
                await write(watched, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (!watched.HasFailed)
            {
                _fault = ExceptionDispatchInfo.Capture(fault);
                throw;
            }
        }
    }

    protected override bool TryComputeLength(out long bytes)
    {
        bytes = length.GetValueOrDefault();
        return length.HasValue;
    }

    private sealed class WatchedStream(ProducedContent content, Stream target) : WriteOnlyStream
    {
        public bool HasFailed { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await target.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                content.Moved?.Invoke();
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }

        // For producers with a thread of their own, such as encoders: blocking it on the connection holds up nobody else.
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                target.Write(buffer);
                content.Moved?.Invoke();
            }
            catch
            {
                HasFailed = true;
                throw;
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => target.FlushAsync(cancellationToken);
    }
}
