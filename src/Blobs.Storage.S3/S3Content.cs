using Blobs.Distribution.Storage;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>
/// A blob that is read from any offset on. Reads that follow one another share one request; when its answer breaks off
/// or stalls, the rest is asked for again. It may come from another version of the object: hosts that finish the same blob
/// at the same time both write it, and a store then cuts off those who read the first one. The bytes are the same.
/// </summary>
internal sealed class S3Content : IStoredContent
{
    private const int AttemptsMax = 5;

    // To read this much to the end costs less than a new connection.
    private const int DrainBytesMax = 64 << 10;

    private static readonly TimeSpan StallTime = TimeSpan.FromSeconds(30);

    private readonly S3Client _client;
    private readonly string _key;
    private S3Answer? _answer;
    private long _position;

    private S3Content(S3Client client, string key, S3Answer answer)
    {
        _client = client;
        _key = key;
        _answer = answer;
        Length = answer.Length;
    }

    public long Length { get; }

    public static async ValueTask<S3Content?> TryOpenAsync(S3Client client, string key, CancellationToken cancellationToken) =>
        await client.OpenAsync(key, 0, cancellationToken).ConfigureAwait(false) is { } answer
            ? new S3Content(client, key, answer)
            : null;

    public async ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default)
    {
        if (target.IsEmpty || offset >= Length)
        {
            return 0;
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await SeekAsync(offset, cancellationToken).ConfigureAwait(false);
                return await ReadSomeAsync(target, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not BlobsException && S3Faults.IsOfStore(fault, cancellationToken))
            {
                Close();
                if (attempt == AttemptsMax)
                {
                    throw S3Faults.Explain(_client.Place, fault);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A connection whose answer was read to its end can be used again.
        if (_answer is not null && Length - _position <= DrainBytesMax)
        {
            try
            {
                using var limit = new CancellationTokenSource(StallTime);
                await _answer.Content.CopyToAsync(Stream.Null, limit.Token).ConfigureAwait(false);
            }
            catch (Exception fault) when (S3Faults.IsOfStore(fault, CancellationToken.None))
            {
                // Then it is closed.
            }
        }

        Close();
    }

    private async ValueTask SeekAsync(long offset, CancellationToken cancellationToken)
    {
        if (_answer is not null && _position == offset)
        {
            return;
        }

        Close();
        _answer = await _client.OpenAsync(_key, offset, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageUnavailableException($"{_client.Place}: {_key} was deleted while it was read");
        if (_answer.Length != Length - offset)
        {
            throw new StoreException(_key, $"{_client.Place}: {_key} changed its length while it was read");
        }

        _position = offset;
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StallTime);
        int read = await _answer!.Content.ReadAsync(target, limit.Token).ConfigureAwait(false);
        if (read == 0)
        {
            throw new IOException($"the answer ended at byte {_position} of {Length}");
        }

        _position += read;
        return read;
    }

    private void Close()
    {
        _answer?.Dispose();
        _answer = null;
    }
}
