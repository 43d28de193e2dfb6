using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>The last step of an upload: its bytes become a blob, unless the blob is there already. Writing it again would
/// cut off everybody who reads it.</summary>
internal sealed class BlobWriter(S3Client client, S3Keys keys)
{
    /// <summary>Whether there is a blob of the right length.</summary>
    public async ValueTask<bool> HasAsync(Digest digest, long length, CancellationToken cancellationToken) =>
        await client.StatAsync(keys.Blob(digest), cancellationToken).ConfigureAwait(false) is { } found && found.Length == length;

    /// <summary>Writes it from memory; null for an empty one.</summary>
    public async ValueTask WriteAsync(Digest digest, PartBuffer? content, CancellationToken cancellationToken)
    {
        Stream bytes = content?.OpenRead() ?? Stream.Null;
        await client.WriteAsync(keys.Blob(digest), bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies it within the store; false when the source does not exist.</summary>
    public async ValueTask<bool> TryCopyAsync(Digest digest, string source, long length, CancellationToken cancellationToken) =>
        await client.TryCopyAsync(source, keys.Blob(digest), length, cancellationToken).ConfigureAwait(false);
}
