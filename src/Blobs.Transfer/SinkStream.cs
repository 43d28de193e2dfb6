using Blobs.Buffers;
using Blobs.Streams;

namespace Blobs.Transfer;

/// <summary>Adapts a sink to a write-only stream.</summary>
internal sealed class SinkStream(IByteSink sink) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => sink.Write(buffer);
}
