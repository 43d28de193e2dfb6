using System.ComponentModel;

namespace Blobs.Buffers.Internal;

/// <summary>Adapts a stream to a sink. Does not dispose the stream.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StreamSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);
}
