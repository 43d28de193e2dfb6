using Blobs.Buffers;

namespace Blobs.Hashing;

/// <summary>
/// A blob on its way into a store. Its bytes become visible only by <see cref="CommitAsync"/>; disposing without it takes
/// everything back, and disposing after it does nothing.
/// </summary>
public interface IBlobUpload : IByteSink, IAsyncDisposable
{
    /// <summary>Makes the bytes visible under a digest that the caller has computed from what it wrote.</summary>
    ValueTask CommitAsync(Digest digest, CancellationToken cancellationToken = default);
}
