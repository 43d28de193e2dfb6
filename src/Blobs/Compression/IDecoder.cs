using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Compression;

/// <summary>
/// Decompresses from span to span. Decoders do not throw on bad input but return
/// <see cref="OperationStatus.InvalidData"/>; the caller decides what to do with <see cref="Error"/>.
/// </summary>
internal interface IDecoder : IDisposable
{
    /// <summary>How far the decoder looks back in its own output. The caller keeps that many bytes (or all output so far, if that is
    /// less) in the target before <c>position</c>.</summary>
    int WindowBytes { get; }

    /// <summary>The fault, after <see cref="OperationStatus.InvalidData"/>.</summary>
    Fault Fault { get; }

    /// <summary>Offset of the fault in the compressed stream.</summary>
    long FaultOffset { get; }

    /// <summary>What was found and what was expected, without the offset.</summary>
    string FaultMessage { get; }

    /// <summary>The exception for the fault.</summary>
    BlobsException Error => Throw.Error(Fault, FaultOffset, FaultMessage);

    /// <summary>Decodes into <c>target[position..]</c>.</summary>
    /// <param name="source">The next compressed bytes.</param>
    /// <param name="target">Previous output before <paramref name="position"/>, free space after it.</param>
    /// <param name="position">Where the next decompressed byte goes.</param>
    /// <param name="isFinal">Whether the compressed stream ends with <paramref name="source"/>.</param>
    /// <param name="consumed">Number of bytes read from <paramref name="source"/>.</param>
    /// <param name="written">Number of bytes written at <paramref name="position"/>.</param>
    /// <returns>
    /// <see cref="OperationStatus.NeedMoreData"/>: all of <paramref name="source"/> was read and more is needed (never if
    /// <paramref name="isFinal"/>). <see cref="OperationStatus.DestinationTooSmall"/>: the target is full.
    /// <see cref="OperationStatus.Done"/>: the stream is complete and verified, and <paramref name="isFinal"/> was set.
    /// <see cref="OperationStatus.InvalidData"/>: see <see cref="Fault"/>. A stream that ends early is a fault as well.
    /// </returns>
    OperationStatus Decode(
        ReadOnlySpan<byte> source, Span<byte> target, int position, bool isFinal, out int consumed, out int written);
}
