using Blobs.Buffers;

namespace Blobs.Hashing;

/// <summary>
/// A blob that is being written to a store. It becomes visible with <see cref="CommitAsync"/>. Disposing before that discards
/// everything written; disposing afterwards does nothing.
/// </summary>
public interface IBlobUpload : IByteSink, IAsyncDisposable
{
    /// <summary>Makes the blob visible under its digest, which the caller has computed from the bytes it wrote.</summary>
    ValueTask CommitAsync(Digest digest, CancellationToken cancellationToken = default);
}
