namespace Blobs.Buffers;

/// <summary>A destination for bytes, in order. Called from one thread at a time; a span is valid only during the call.</summary>
public interface IByteSink
{
    /// <summary>Takes all of the next bytes, or throws.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
