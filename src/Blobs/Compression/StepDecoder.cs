using System.Buffers;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>A decoder that goes on in steps, a header or some data each, and knows how far it has come.</summary>
internal abstract class StepDecoder : Decoder
{
    /// <summary>Compressed bytes taken before the present step.</summary>
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

    /// <summary>Takes one step; <see cref="OperationStatus.Done"/> asks for the next.</summary>
    protected abstract OperationStatus Step(ReadOnlySpan<byte> source, Span<byte> target, int position, out int taken, out int made);

    /// <summary>Judges the end of the source, after a step that needs more data.</summary>
    protected abstract OperationStatus End();
}
