using System.Buffers;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// An open upload. It grows by appending, and can be read at the same time. Disposing it keeps the saved data, so that
/// the upload can be resumed. Disposing it after it was cancelled has no effect.
/// </summary>
public interface IStoredUpload : IStoredContent
{
    /// <summary>Reads the newest SHA-256 state that was saved, which covers all bytes or, if a writer died, fewer: its
    /// last eight bytes say how many. Empty when there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default);

    /// <summary>Appends bytes. The storage must not refer to the buffers after the call.</summary>
    /// <param name="offset">The offset of the bytes, which must be <see cref="IStoredContent.Length"/>.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not the end of the upload.</exception>
    ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Makes the appended bytes part of the upload for every host. A storage may do so earlier. Bytes that
    /// were not saved may be lost when the upload is disposed.</summary>
    /// <param name="hashState">The SHA-256 state after all bytes, in the 108-byte form that Go's <c>crypto/sha256</c>
    /// marshals; empty when it is not known.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="UploadBusyException">Another host has saved the upload in the meantime.</exception>
    ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default);

    /// <summary>Makes the bytes of the upload the blob with this digest, unless that is there with the same length. The
    /// blob appears complete or not at all. A storage in which that does not disturb its readers replaces an existing
    /// blob, which mends a damaged one. The upload is not over until <see cref="CancelAsync"/>, so that the call can be
    /// repeated when a garbage collector has deleted the blob in the meantime.</summary>
    /// <exception cref="UploadBusyException">Another host has saved or finished the upload in the meantime.</exception>
    /// <returns>False when the blob is not there and the storage has not kept the bytes since an earlier call.</returns>
    ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default);

    /// <summary>Ends the upload and deletes its data, but not the blob that it has become.</summary>
    ValueTask CancelAsync(CancellationToken cancellationToken = default);
}
