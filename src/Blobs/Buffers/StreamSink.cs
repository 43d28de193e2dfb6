namespace Blobs.Buffers;

/// <summary>Adapts a stream to a sink. Does not dispose the stream.</summary>
internal sealed class StreamSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);
}
