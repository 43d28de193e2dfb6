using System.Buffers;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>Copies uncompressed data.</summary>
internal sealed class PlainDecoder : IDecoder
{
    public int WindowBytes => 0;

    public Fault Fault => Fault.None;

    public long FaultOffset => 0;

    public string FaultMessage => "";

    public OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written)
    {
        written = consumed = Math.Min(source.Length, target.Length - position);
        source[..consumed].CopyTo(target[position..]);
        return consumed < source.Length ? OperationStatus.DestinationTooSmall
            : isFinal ? OperationStatus.Done
            : OperationStatus.NeedMoreData;
    }

    public void Dispose()
    {
    }
}
