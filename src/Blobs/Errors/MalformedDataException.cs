namespace Blobs.Errors;

/// <summary>Input that breaks the rules of its format.</summary>
public sealed class MalformedDataException : BlobsException
{
    /// <summary>Creates the error.</summary>
    public MalformedDataException(Fault fault, long offset, string message)
        : base(message)
    {
        Fault = fault;
        Offset = offset;
    }

    /// <summary>The rule that was broken.</summary>
    public Fault Fault { get; }

    /// <summary>Byte offset of the fault. For compression faults it counts compressed bytes, for tar faults bytes of the tar, for
    /// tar-split faults bytes of the uncompressed recording.</summary>
    public long Offset { get; }
}
