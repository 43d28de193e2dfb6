using System.ComponentModel;
using Blobs.Streams;

namespace Blobs.Buffers.Internal;

/// <summary>Adapts a sink to a write-only stream.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SinkStream(IByteSink sink) : WriteOnlyStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => sink.Write(buffer);
}
