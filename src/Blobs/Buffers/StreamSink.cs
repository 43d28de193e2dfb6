namespace Blobs.Buffers;

/// <summary>A stream as a sink. The stream stays its owner's.</summary>
internal sealed class StreamSink(Stream stream) : IByteSink
{
    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);
}
