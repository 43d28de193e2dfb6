using System.Buffers;
using Blobs.Errors;

namespace Blobs.Compression;

/// <summary>
/// Turns compressed bytes into plain ones, span to span: no stream, no thread, no clock. Kernels do not throw on bad
/// input; they report, and the caller that knows the side it reads from throws.
/// </summary>
internal interface IDecoder : IDisposable
{
    /// <summary>How much of its own output the decoder reads back: the caller keeps that many bytes (or all output so
    /// far, if less) in front of <c>position</c> in the target it passes.</summary>
    int WindowBytes { get; }

    /// <summary>What was wrong, after <see cref="OperationStatus.InvalidData"/>.</summary>
    Fault Fault { get; }

    /// <summary>Offset of the fault in the compressed stream.</summary>
    long FaultOffset { get; }

    /// <summary>One sentence, without the offset, that says what was expected and what was found.</summary>
    string FaultMessage { get; }

    /// <summary>The same as an error.</summary>
    BlobsException Error => Throw.Error(Fault, FaultOffset, FaultMessage);

    /// <summary>Decodes into <c>target[position..]</c>.</summary>
    /// <param name="source">The next compressed bytes.</param>
    /// <param name="target">History in front of <paramref name="position"/>, room behind it.</param>
    /// <param name="position">Where the next plain byte goes.</param>
    /// <param name="isFinal">Whether the compressed stream ends with <paramref name="source"/>.</param>
    /// <param name="consumed">Bytes taken from <paramref name="source"/>.</param>
    /// <param name="written">Bytes written from <paramref name="position"/> on.</param>
    /// <returns>
    /// <see cref="OperationStatus.NeedMoreData"/>: all of <paramref name="source"/> was taken, more must come (never when
    /// <paramref name="isFinal"/>). <see cref="OperationStatus.DestinationTooSmall"/>: the target is full.
    /// <see cref="OperationStatus.Done"/>: the stream is complete, checked, and <paramref name="isFinal"/> was set.
    /// <see cref="OperationStatus.InvalidData"/>: see <see cref="Fault"/>; a stream that ends early is one too.
    /// </returns>
    OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written);
}
