using System.Buffers;
using Blobs.Errors;

namespace Blobs.Storage.S3;

/// <summary>
/// Cuts the bytes of one upload into parts, and sends each as soon as it is full: three at a time while there is memory
/// for that, one where many uploads share it. An upload that waits for memory holds none.
/// </summary>
internal sealed class PartSender : IAsyncDisposable
{
    private const int InFlightMax = 3;

    private readonly S3Client _client;
    private readonly PartPool _pool;
    private readonly string _key;
    private readonly int _partBytes;
    private readonly Func<CancellationToken, Task<string>> _begin;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _inFlight = [];
    private readonly List<string?> _etags;
    private PartBuffer? _filling;
    private bool _isDisposed;

    /// <param name="client">The store.</param>
    /// <param name="pool">The memory that all uploads share.</param>
    /// <param name="key">The key of the object that the parts will be.</param>
    /// <param name="session">The parts that there are.</param>
    /// <param name="begin">Begins the multipart upload, when the first part is full, and returns its id.</param>
    public PartSender(
        S3Client client, PartPool pool, string key, UploadSession session, Func<CancellationToken, Task<string>> begin)
    {
        _client = client;
        _pool = pool;
        _key = key;
        _partBytes = session.PartBytes;
        _begin = begin;
        _etags = [.. session.Parts];
        UploadId = session.UploadId;
    }

    /// <summary>The id of the multipart upload; null before the first part.</summary>
    public string? UploadId { get; private set; }

    /// <summary>The bytes after the last whole part, if they are in memory.</summary>
    public PartBuffer? Remainder => _filling;

    /// <summary>The ETags of all whole parts. Valid when none is on its way.</summary>
    public IReadOnlyList<string> ETags => [.. _etags.Select(etag => etag!)];

    /// <summary>Takes bytes that came earlier, and do not fill a part.</summary>
    public async ValueTask RestoreAsync(Stream tail, CancellationToken cancellationToken)
    {
        _filling ??= await RentAsync(cancellationToken).ConfigureAwait(false);
        await _filling.AppendAsync(tail, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask AppendAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        foreach (ReadOnlyMemory<byte> piece in bytes)
        {
            for (int taken = 0; taken < piece.Length;)
            {
                _filling ??= await RentAsync(cancellationToken).ConfigureAwait(false);
                taken += _filling.Append(piece.Span[taken..]);
                if (_filling.IsFull)
                {
                    await SendAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Waits until all whole parts have arrived.</summary>
    public async ValueTask FlushAsync()
    {
        while (_inFlight.Count > 0)
        {
            await LandAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Makes the last part, which may be shorter, of the remainder in memory.</summary>
    public async ValueTask SendLastAsync(CancellationToken cancellationToken)
    {
        if (_filling is { Length: > 0 })
        {
            await SendAsync(cancellationToken).ConfigureAwait(false);
        }

        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the last part of another object.</summary>
    public async ValueTask CopyLastAsync(string source, long bytes, CancellationToken cancellationToken)
    {
        PartName part = await NextAsync(cancellationToken).ConfigureAwait(false);
        _etags[part.Number - 1] = await _client.CopyPartAsync(part, source, 0, bytes - 1, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops what is on its way. The parts that arrived stay in the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Task sending in _inFlight)
        {
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _inFlight.Clear();
        _filling?.Dispose();
        _filling = null;
        _stop.Dispose();
    }

    private async ValueTask<PartBuffer> RentAsync(CancellationToken cancellationToken)
    {
        if (_partBytes > _pool.BytesMax)
        {
            throw new StoreException(
                _key, $"{_key}: its parts of {_partBytes} bytes do not fit into the {_pool.BytesMax} bytes that this host has for uploads");
        }

        while (_inFlight.Count > 0)
        {
            if (_inFlight.Count < InFlightMax && _pool.TryRent(_partBytes) is { } buffer)
            {
                return buffer;
            }

            await LandAsync().ConfigureAwait(false);
        }

        return await _pool.RentAsync(_partBytes, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LandAsync()
    {
        Task landed = await Task.WhenAny(_inFlight).ConfigureAwait(false);
        _inFlight.Remove(landed);
        await landed.ConfigureAwait(false);
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        PartName part = await NextAsync(cancellationToken).ConfigureAwait(false);
        PartBuffer buffer = _filling!;
        _filling = null;
        _inFlight.Add(SendAsync(part, buffer));
    }

    private async Task SendAsync(PartName part, PartBuffer buffer)
    {
        using (buffer)
        {
            _etags[part.Number - 1] = await _client.SendPartAsync(part, buffer.OpenRead(), _stop.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask<PartName> NextAsync(CancellationToken cancellationToken)
    {
        if (_etags.Count == UploadSession.PartsMax)
        {
            throw new LimitExceededException(
                nameof(UploadSession.PartsMax),
                (long)UploadSession.PartsMax * _partBytes,
                $"the blob is longer than {(long)UploadSession.PartsMax * _partBytes} bytes, and its length was not announced");
        }

        UploadId ??= await _begin(cancellationToken).ConfigureAwait(false);
        _etags.Add(null);
        return new PartName(_key, UploadId, _etags.Count);
    }
}
