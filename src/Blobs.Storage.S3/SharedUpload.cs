using System.Buffers;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Storage.S3;

/// <summary>
/// An upload whose requests may reach any host. What a host sends counts from the moment when it has replaced the
/// session; of two that work on one upload, the second to do so fails. Parts have their number by their place, so bytes
/// that are sent again take the place of the same bytes.
/// </summary>
internal sealed class SharedUpload : IStoredUpload
{
    private readonly S3Client _client;
    private readonly SessionObject _session;
    private readonly BlobWriter _blobs;
    private readonly PartSender _parts;
    private S3Content? _sealed;
    private bool _isChanged;
    private bool _isComplete;

    public SharedUpload(S3Client client, PartPool pool, BlobWriter blobs, SessionObject session)
    {
        _client = client;
        _session = session;
        _blobs = blobs;
        _parts = new PartSender(client, pool, session.DataKey, session.State, BeginPartsAsync);
        Length = session.State.Offset;
    }

    public long Length { get; private set; }

    private UploadSession State => _session.State;

    public ValueTask<ReadOnlyMemory<byte>> ReadHashStateAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(State.Sha256);

    public async ValueTask AppendAsync(long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, Length);
        if (State.State != UploadPhase.Open)
        {
            throw _session.Busy();
        }

        await LoadTailAsync(cancellationToken).ConfigureAwait(false);
        _isChanged = true;
        await _parts.AppendAsync(bytes, cancellationToken).ConfigureAwait(false);
        Length += bytes.Length;
    }

    public async ValueTask SaveAsync(ReadOnlyMemory<byte> hashState, CancellationToken cancellationToken = default)
    {
        await _parts.FlushAsync().ConfigureAwait(false);
        UploadSession next = State with
        {
            Offset = Length,
            UploadId = _parts.UploadId,
            Parts = _parts.ETags,
            Sha256 = hashState.IsEmpty ? State.Sha256 : hashState.ToArray(),
        };
        if (_isChanged)
        {
            next = await WithTailAsync(next, cancellationToken).ConfigureAwait(false);
        }

        string? oldTail = State.Tail;
        await _session.ReplaceAsync(next, cancellationToken).ConfigureAwait(false);
        _isChanged = false;
        if (oldTail is not null && oldTail != next.Tail)
        {
            await _client.DeleteAsync(oldTail, cancellationToken).ConfigureAwait(false);
        }
    }

    // The store cannot read parts that are not complete, so what is longer than a part is completed first.
    public async ValueTask<int> ReadAsync(Memory<byte> target, long offset, CancellationToken cancellationToken = default)
    {
        if (Length == 0)
        {
            return 0;
        }

        if (_parts.UploadId is null)
        {
            await LoadTailAsync(cancellationToken).ConfigureAwait(false);
            return _parts.Remainder!.Read(target.Span, (int)offset);
        }

        if (_sealed is null)
        {
            await CompleteAsync(cancellationToken).ConfigureAwait(false);
            _sealed = await S3Content.TryOpenAsync(_client, _session.DataKey, cancellationToken).ConfigureAwait(false)
                ?? throw _session.Busy();
        }

        return await _sealed.ReadAsync(target, offset, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<bool> PublishAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        if (await _blobs.HasAsync(digest, Length, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        if (_parts.UploadId is not null)
        {
            await CompleteAsync(cancellationToken).ConfigureAwait(false);
            await CopyAsync(digest, _session.DataKey, cancellationToken).ConfigureAwait(false);
        }
        else if (_parts.Remainder is null && State.Tail is { } tail)
        {
            await CopyAsync(digest, tail, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await LoadTailAsync(cancellationToken).ConfigureAwait(false);
            await _blobs.WriteAsync(digest, _parts.Remainder, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public async ValueTask CancelAsync(CancellationToken cancellationToken = default)
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        await _session.DeleteAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        if (_sealed is not null)
        {
            await _sealed.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Whoever is first decides; the other's multipart upload has no part yet, and goes.
    private async Task<string> BeginPartsAsync(CancellationToken cancellationToken)
    {
        string id = await _client.BeginPartsAsync(_session.DataKey, cancellationToken).ConfigureAwait(false);
        try
        {
            await _session.ReplaceAsync(State with { UploadId = id }, cancellationToken).ConfigureAwait(false);
            return id;
        }
        catch (UploadBusyException)
        {
            await _client.AbortPartsAsync(_session.DataKey, id, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask LoadTailAsync(CancellationToken cancellationToken)
    {
        if (_isChanged || _parts.Remainder is not null || State.TailBytes == 0)
        {
            return;
        }

        using Stream tail = await _session.OpenTailAsync(cancellationToken).ConfigureAwait(false);
        await _parts.RestoreAsync(tail, cancellationToken).ConfigureAwait(false);
        if (_parts.Remainder!.Length != State.TailBytes)
        {
            throw new StoreException(_session.Key, $"{_session.Key}: its last {State.TailBytes} bytes cannot be read");
        }
    }

    private async Task<UploadSession> WithTailAsync(UploadSession next, CancellationToken cancellationToken)
    {
        PartBuffer? remainder = _parts.Remainder;
        if (remainder is null || remainder.Length == 0)
        {
            return next with { Tail = null, TailContent = null };
        }

        if (remainder.Length <= UploadSession.InlineBytesMax)
        {
            var content = new byte[remainder.Length];
            remainder.Read(content, 0);
            return next with { Tail = null, TailContent = content };
        }

        string key = _session.NewTailKey();
        await _client.WriteAsync(key, remainder.OpenRead(), cancellationToken).ConfigureAwait(false);
        return next with { Tail = key, TailContent = null };
    }

    // All of this may be repeated, by this host or another.
    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        // Another host may have come further before it died.
        if (_isComplete || (State.State == UploadPhase.Completing && await IsDataThereAsync(cancellationToken).ConfigureAwait(false)))
        {
            return;
        }

        await _parts.FlushAsync().ConfigureAwait(false);
        if (State.State == UploadPhase.Open)
        {
            await _session.ReplaceAsync(State with { State = UploadPhase.Completing }, cancellationToken).ConfigureAwait(false);
        }

        if (_parts.Remainder is null && State is { TailBytes: > 0, Tail: { } tail })
        {
            await _parts.CopyLastAsync(tail, State.TailBytes, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await LoadTailAsync(cancellationToken).ConfigureAwait(false);
            await _parts.SendLastAsync(cancellationToken).ConfigureAwait(false);
        }

        bool isDone = await _client.TryCompletePartsAsync(_session.DataKey, _parts.UploadId!, _parts.ETags, cancellationToken)
            .ConfigureAwait(false);
        if (!isDone && !await IsDataThereAsync(cancellationToken).ConfigureAwait(false))
        {
            throw _session.Busy();
        }

        _isComplete = true;
    }

    private async Task<bool> IsDataThereAsync(CancellationToken cancellationToken) =>
        await _client.StatAsync(_session.DataKey, cancellationToken).ConfigureAwait(false) is { } found && found.Length == Length;

    // The source is gone when another host has finished the same upload.
    private async Task CopyAsync(Digest digest, string source, CancellationToken cancellationToken)
    {
        if (!await _blobs.TryCopyAsync(digest, source, Length, cancellationToken).ConfigureAwait(false)
            && !await _blobs.HasAsync(digest, Length, cancellationToken).ConfigureAwait(false))
        {
            throw _session.Busy();
        }
    }
}
