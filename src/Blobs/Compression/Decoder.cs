using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Compression;

/// <summary>Base class of decoders that can fail. It holds the fault.</summary>
internal abstract class Decoder : IDecoder
{
    public abstract int WindowBytes { get; }

    public Fault Fault { get; private set; }

    public long FaultOffset { get; private set; }

    public string FaultMessage { get; private set; } = "";

    public virtual BlobsException Error => Throw.Error(Fault, FaultOffset, FaultMessage);

    public abstract OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written);

    public virtual void Dispose()
    {
    }

    protected OperationStatus Fail(Fault fault, long offset, string message)
    {
        Fault = fault;
        FaultOffset = offset;
        FaultMessage = message;
        return OperationStatus.InvalidData;
    }
}
