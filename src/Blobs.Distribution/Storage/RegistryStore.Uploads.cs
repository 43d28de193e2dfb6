namespace Blobs.Distribution.Storage;

/// <content>Uploads into a repository.</content>
public sealed partial class RegistryStore
{
    /// <summary>Begins an upload. Any process can resume it by its id.</summary>
    public async ValueTask<RegistryUpload> BeginUploadAsync(string repository, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        string id = Guid.NewGuid().ToString("D");
        UploadState state = await _uploads.EnterAsync($"{repository}/{id}", cancellationToken).ConfigureAwait(false);
        try
        {
            IStoredUpload content = await _storage.Uploads
                .BeginAsync(repository, id, new UploadStart(_options.Clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            return Join(repository, id, content, state);
        }
        catch
        {
            _uploads.Leave(state, isEnded: true);
            throw;
        }
    }

    /// <summary>Resumes an upload, after the previous request has released it; null when it does not exist.</summary>
    /// <exception cref="UploadBusyException">Another process has the upload open.</exception>
    public async ValueTask<RegistryUpload?> OpenUploadAsync(
        string repository, string id, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        if (!IsUploadId(id))
        {
            return null;
        }

        UploadState state = await _uploads.EnterAsync($"{repository}/{id}", cancellationToken).ConfigureAwait(false);
        try
        {
            IStoredUpload? content = await _storage.Uploads
                .OpenAsync(repository, id, cancellationToken).ConfigureAwait(false);
            if (content is null)
            {
                _uploads.Leave(state, isEnded: true);
                return null;
            }

            if (content.Length < state.HashedBytes)
            {
                // The upload was truncated: the hash covers bytes that no longer exist.
                state.Finish();
            }

            return Join(repository, id, content, state);
        }
        catch
        {
            _uploads.Leave(state, isEnded: false);
            throw;
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

    private RegistryUpload Join(string repository, string id, IStoredUpload content, UploadState state) => new(
        id,
        content,
        state,
        _options.BlobBytes,
        (expected, canonical, cancellationToken) => LinkBlobAsync(repository, expected, canonical, cancellationToken),
        isEnded => _uploads.Leave(state, isEnded));
}
