using Blobs.Distribution.Storage;

namespace Blobs.Storage.S3;

/// <summary>The session of an upload as an object: read, replaced as the version that was read, and deleted with all that
/// belongs to it.</summary>
internal sealed class SessionObject
{
    private readonly S3Client _client;
    private readonly S3Keys _keys;
    private readonly string _repository;
    private readonly string _id;
    private string _etag;

    private SessionObject(S3Client client, S3Keys keys, string repository, string id, UploadSession state, string etag)
    {
        _client = client;
        _keys = keys;
        _repository = repository;
        _id = id;
        _etag = etag;
        State = state;
    }

    public UploadSession State { get; private set; }

    public string Key => _keys.UploadSession(_repository, _id);

    /// <summary>The key of the multipart upload.</summary>
    public string DataKey => _keys.UploadData(_repository, _id);

    /// <exception cref="UploadBusyException">There is one already.</exception>
    public static async Task<SessionObject> CreateAsync(
        S3Client client, S3Keys keys, string repository, string id, UploadSession state, CancellationToken cancellationToken)
    {
        string key = keys.UploadSession(repository, id);
        string etag = await client.TryCreateAsync(key, state.ToJson(), cancellationToken).ConfigureAwait(false)
            ?? throw new UploadBusyException($"{key}: this upload has begun already");
        return new SessionObject(client, keys, repository, id, state, etag);
    }

    /// <summary>Returns null when there is none.</summary>
    public static async Task<SessionObject?> TryReadAsync(
        S3Client client, S3Keys keys, string repository, string id, CancellationToken cancellationToken)
    {
        string key = keys.UploadSession(repository, id);
        S3Object? found = await client.ReadAsync(key, UploadSession.BytesMax, cancellationToken).ConfigureAwait(false);
        return found is null
            ? null
            : new SessionObject(client, keys, repository, id, UploadSession.Parse(key, found.Content), found.ETag);
    }

    public UploadBusyException Busy() => new($"{_repository}: another host is at work on the upload {_id}");

    public string NewTailKey() => _keys.UploadTail(_repository, _id, $"{Guid.NewGuid():n}");

    /// <exception cref="UploadBusyException">Another host has replaced it since it was read.</exception>
    public async Task ReplaceAsync(UploadSession next, CancellationToken cancellationToken)
    {
        _etag = await _client.TryReplaceAsync(Key, next.ToJson(), _etag, cancellationToken).ConfigureAwait(false) ?? throw Busy();
        State = next;
    }

    /// <summary>The tail, which is not empty.</summary>
    public async Task<Stream> OpenTailAsync(CancellationToken cancellationToken)
    {
        if (State.TailContent is { } content)
        {
            return new MemoryStream(content, writable: false);
        }

        S3Object tail = await _client.ReadAsync(State.Tail!, State.PartBytes, cancellationToken).ConfigureAwait(false) ?? throw Busy();
        return new MemoryStream(tail.Content, writable: false);
    }

    /// <summary>Deletes the upload. The session goes last, so that whoever finds it can repeat this.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (State is { State: UploadPhase.Open, UploadId: not null })
        {
            await ReplaceAsync(State with { State = UploadPhase.Aborting }, cancellationToken).ConfigureAwait(false);
        }

        if (State is { State: UploadPhase.Aborting, UploadId: { } uploadId })
        {
            await _client.AbortPartsAsync(DataKey, uploadId, cancellationToken).ConfigureAwait(false);
        }

        if (State.State == UploadPhase.Completing)
        {
            await _client.DeleteAsync(DataKey, cancellationToken).ConfigureAwait(false);
        }

        if (State.Tail is { } tail)
        {
            await _client.DeleteAsync(tail, cancellationToken).ConfigureAwait(false);
        }

        await _client.DeleteAsync(Key, cancellationToken).ConfigureAwait(false);
    }
}
