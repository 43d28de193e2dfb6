using Blobs.Errors.Internal;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <content>Uploads into a repository.</content>
public sealed partial class RegistryStore
{
    /// <summary>Begins an upload. Any process can resume it by its id.</summary>
    /// <param name="repository">The repository that receives the blob.</param>
    /// <param name="whole">The digest of the blob, if all of it comes now: the upload cannot be resumed, and is committed
    /// with this digest. Null for any other upload.</param>
    /// <param name="length">The length of the blob; null when it is not known yet.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<RegistryUpload> BeginUploadAsync(
        string repository, Digest? whole = null, long? length = null, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        CheckLength(length ?? 0, _options.BlobBytes);
        string id = Guid.NewGuid().ToString("D");
        var start = new UploadStart(_options.Clock.GetUtcNow())
        {
            Digest = whole is { Algorithm: DigestAlgorithm.Sha256 } ? whole : null,
            Length = length,
        };
        IDisposable turn = await _turns.EnterAsync($"{repository}/{id}", cancellationToken).ConfigureAwait(false);
        try
        {
            IStoredUpload content = await _storage.Uploads.BeginAsync(repository, id, start, cancellationToken).ConfigureAwait(false);
            return Join(repository, id, content, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Resumes an upload, after the previous request has released it; null when it does not exist.</summary>
    public async ValueTask<RegistryUpload?> OpenUploadAsync(
        string repository, string id, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        if (!IsUploadId(id))
        {
            return null;
        }

        IDisposable turn = await _turns.EnterAsync($"{repository}/{id}", cancellationToken).ConfigureAwait(false);
        IStoredUpload? content = null;
        try
        {
            content = await _storage.Uploads.OpenAsync(repository, id, cancellationToken).ConfigureAwait(false);
            return content is null ? null : Join(repository, id, content, turn);
        }
        finally
        {
            if (content is null)
            {
                turn.Dispose();
            }
        }
    }

    /// <summary>Returns the length of an upload without opening it; null when it does not exist.</summary>
    public async ValueTask<long?> FindUploadAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        UploadProgress? progress = IsUploadId(id)
            ? await _storage.Uploads.FindAsync(repository, id, cancellationToken).ConfigureAwait(false)
            : null;
        return progress?.Length;
    }

    // Every registry with this layout uses a GUID in lower case with dashes. Such an id is also a safe folder name.
    private static bool IsUploadId(string id) => Guid.TryParseExact(id, "D", out Guid value) && id == value.ToString("D");

    internal static void CheckLength(long length, long bytesMax)
    {
        if (length > bytesMax)
        {
            Throw.LimitExceeded(nameof(RegistryStoreOptions.BlobBytes), bytesMax, "the blob");
        }
    }

    private RegistryUpload Join(string repository, string id, IStoredUpload content, IDisposable turn) => new(
        id,
        content,
        _options.BlobBytes,
        (expected, canonical, cancellationToken) => CommitBlobAsync(repository, id, content, expected, canonical, cancellationToken),
        turn);

    // The upload is kept until the blob is safe, so that every step can be repeated.
    private async ValueTask CommitBlobAsync(
        string repository, string id, IStoredUpload content, Digest expected, Digest canonical, CancellationToken cancellationToken)
    {
        bool isLinked = await LinkBlobAsync(
            repository,
            expected,
            canonical,
            stop => content.PublishAsync(canonical, stop),
            mayWait: true,
            cancellationToken).ConfigureAwait(false);
        if (!isLinked)
        {
            throw new StorageUnavailableException($"upload {id}: garbage collection has deleted the blob: push it again");
        }

        await content.CancelAsync(cancellationToken).ConfigureAwait(false);
    }
}
