using System.Buffers;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>Base class of decoders that work in steps, each of which decodes a header or some data. It counts the compressed
/// bytes.</summary>
internal abstract class StepDecoder : Decoder
{
    /// <summary>Number of compressed bytes before the current step.</summary>
    protected long Offset { get; private set; }

    public sealed override OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        if (Fault != Fault.None)
        {
            return OperationStatus.InvalidData;
        }

        while (true)
        {
            OperationStatus status = Step(source[consumed..], target, position + written, out int taken, out int made);
            consumed += taken;
            written += made;
            Offset += taken;
            switch (status)
            {
                case OperationStatus.Done:
                    continue;
                case OperationStatus.NeedMoreData when isFinal:
                    return End();
                default:
                    return status;
            }
        }
    }

    /// <summary>Does one step. <see cref="OperationStatus.Done"/> means that another step follows.</summary>
    protected abstract OperationStatus Step(ReadOnlySpan<byte> source, Span<byte> target, int position, out int taken, out int made);

    /// <summary>Decides whether the stream is complete. Called at the end of the source, after a step that needs more data.</summary>
    protected abstract OperationStatus End();
}
