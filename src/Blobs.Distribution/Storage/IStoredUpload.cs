using System.Buffers;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// An open upload, which grows at its end and can be read meanwhile. Disposing it keeps what was saved, for whoever goes on with it;
/// after it was finished or cancelled it does nothing.
/// </summary>
public interface IStoredUpload : IStoredContent
{
    /// <summary>The state of SHA-256 after <see cref="IStoredContent.Length"/> bytes, as somebody saved it; empty when nobody
    /// did.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default);

    /// <summary>Appends bytes, which are not kept referenced.</summary>
    /// <param name="offset">Where they belong: <see cref="IStoredContent.Length"/>.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not belong at the end.</exception>
    ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Makes what was appended part of the upload for every host. A storage may do so earlier; what was not saved may be lost
    /// when the upload is disposed.</summary>
    /// <param name="hashState">The state of SHA-256 after all bytes, in the form that Go's <c>crypto/sha256</c> marshals, 108 bytes; empty
    /// when it is not known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UploadBusyException">Another host has saved something meanwhile.</exception>
    ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default);

    /// <summary>Makes everything that came the blob of a digest, where it appears whole or not at all, and ends the upload. A blob that is
    /// there is replaced, or left and made young.</summary>
    ValueTask FinishAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Ends the upload and removes what came.</summary>
    ValueTask CancelAsync(CancellationToken cancellationToken = default);
}
