namespace Blobs.Buffers;

/// <summary>Takes bytes in order. Called from one thread at a time; the span is valid only during the call.</summary>
public interface IByteSink
{
    /// <summary>Takes the next bytes, all of them, or throws.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
