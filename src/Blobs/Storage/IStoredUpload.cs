using System.Buffers;

namespace Blobs.Storage;

/// <summary>
/// An upload that grows at its end, and can be read meanwhile. Disposing it without a commit keeps what has come, for whoever goes on
/// with it; after a commit or a delete it does nothing.
/// </summary>
public interface IStoredUpload : IStoredContent
{
    /// <summary>Appends bytes, which are not kept referenced.</summary>
    ValueTask AppendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Moves everything that came to a key, where it appears complete or not at all, and ends the upload. What stood under the
    /// key is replaced.</summary>
    ValueTask CommitAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Ends the upload and removes what came.</summary>
    ValueTask DeleteAsync(CancellationToken cancellationToken = default);
}
