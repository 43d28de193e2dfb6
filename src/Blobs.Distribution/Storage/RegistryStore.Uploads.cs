namespace Blobs.Distribution.Storage;

/// <content>Blobs on their way into a repository.</content>
public sealed partial class RegistryStore
{
    /// <summary>Begins an upload. It can be gone on with by its id, in this process or another.</summary>
    public async ValueTask<RegistryUpload> BeginUploadAsync(string repository, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        string id = Guid.NewGuid().ToString("D");
        UploadState state = await _uploads.EnterAsync($"{repository}/{id}", cancellationToken).ConfigureAwait(false);
        try
        {
            IStoredUpload content = await _storage.Uploads
                .BeginAsync(repository, id, _options.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return Join(repository, id, content, state);
        }
        catch
        {
            _uploads.Leave(state, isEnded: true);
            throw;
        }
    }

    /// <summary>Goes on with an upload, once the request before has let go of it; null when there is none.</summary>
    /// <exception cref="UploadBusyException">Another process has it.</exception>
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
                // Somebody has cut it: what was hashed is not what is there.
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

    /// <summary>How many bytes an upload has, without disturbing it; null when there is none.</summary>
    public async ValueTask<long?> FindUploadAsync(string repository, string id, CancellationToken cancellationToken = default)
    {
        CheckName(repository);
        UploadProgress? progress = IsUploadId(id)
            ? await _storage.Uploads.FindAsync(repository, id, cancellationToken).ConfigureAwait(false)
            : null;
        return progress?.Length;
    }

    // Lower case with dashes, as every registry of this layout makes them: also a safe name for a folder.
    private static bool IsUploadId(string id) => Guid.TryParseExact(id, "D", out Guid value) && id == value.ToString("D");

    private RegistryUpload Join(string repository, string id, IStoredUpload content, UploadState state) => new(
        id,
        content,
        state,
        _options.BlobBytes,
        (expected, canonical, cancellationToken) => LinkBlobAsync(repository, expected, canonical, cancellationToken),
        isEnded => _uploads.Leave(state, isEnded));
}
