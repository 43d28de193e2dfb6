using System.Buffers;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>
/// A blob that arrives in one request and whose digest is known: its parts go straight to where the blob belongs, and
/// nobody sees them before they are completed. No other host can go on with it.
/// </summary>
internal sealed class WholeUpload : IStoredUpload
{
    private readonly S3Client _client;
    private readonly BlobWriter _blobs;
    private readonly string _key;
    private readonly PartSender _parts;
    private DateTimeOffset _beganAt;
    private bool _isEnded;

    public WholeUpload(S3Client client, PartPool pool, BlobWriter blobs, string key, UploadSession session)
    {
        _client = client;
        _blobs = blobs;
        _key = key;
        _parts = new PartSender(client, pool, key, session, BeginAsync);
    }

    public long Length { get; private set; }

    public ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default) =>
        _parts.UploadId is null
            ? ValueTask.FromResult(_parts.Remainder?.Read(target.Span, (int)offset) ?? 0)
            : throw new NotSupportedException("the parts of a blob cannot be read before it is complete");

    public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) => default;

    public async ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, Length);
        await _parts.AppendAsync(bytes, cancellationToken).ConfigureAwait(false);
        Length += bytes.Length;
    }

    // There is nobody to save it for.
    public ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default) => default;

    public async ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        if (await _blobs.HasAsync(digest, Length, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        if (_isEnded)
        {
            return false;
        }

        if (_parts.UploadId is not { } uploadId)
        {
            await _blobs.WriteAsync(digest, _parts.Remainder, cancellationToken).ConfigureAwait(false);
            return true;
        }

        // From here on the parts are the store's: to abort them now could lose the blob.
        await _parts.SendLastAsync(cancellationToken).ConfigureAwait(false);
        _isEnded = true;
        return _client.ServerTime - _beganAt < S3Client.CompletionTime
            && await _client.TryCompletePartsAsync(_key, uploadId, _parts.ETags, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask CancelAsync(CancellationToken cancellationToken = default)
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        if (!_isEnded && _parts.UploadId is { } uploadId)
        {
            _isEnded = true;
            await _client.AbortPartsAsync(_key, uploadId, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CancelAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (BlobsException)
        {
            // Garbage collection aborts it later.
        }
    }

    private async Task<string> BeginAsync(CancellationToken cancellationToken)
    {
        string id = await _client.BeginPartsAsync(_key, cancellationToken).ConfigureAwait(false);
        _beganAt = _client.ServerTime;
        return id;
    }
}
