namespace Blobs.Errors;

/// <summary>Input that breaks the rules of its format: the bytes are wrong, not the world around them.</summary>
public sealed class MalformedDataException : BlobsException
{
    /// <summary>Refuses bytes.</summary>
    internal MalformedDataException(Fault fault, long offset, string message)
        : base(message)
    {
        Fault = fault;
        Offset = offset;
    }

    /// <summary>Which rule was broken.</summary>
    public Fault Fault { get; }

    /// <summary>Byte offset of the fault in the stream that <see cref="Fault"/> belongs to: compressed bytes for
    /// the codecs, uncompressed bytes for tar, the unpacked stream for tar-split.</summary>
    public long Offset { get; }
}
