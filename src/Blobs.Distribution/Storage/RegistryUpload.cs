using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>
/// An upload into a repository, which is hashed as it arrives. Disposing it keeps the received bytes for the next
/// request; committing or deleting ends it.
/// </summary>
public sealed class RegistryUpload : IAsyncDisposable
{
    // Large enough for few system calls per megabyte, and small compared with the buffers of a connection.
    private const int BatchBytes = 128 << 10;

    private readonly IStoredUpload _content;
    private readonly ResumableSha256 _hash = new();
    private readonly long _bytesMax;
    private readonly Func<Digest, Digest, CancellationToken, ValueTask> _commit;
    private readonly IDisposable _turn;
    private bool _isHashLoaded;
    private bool _isLeft;

    internal RegistryUpload(
        string id,
        IStoredUpload content,
        long bytesMax,
        Func<Digest, Digest, CancellationToken, ValueTask> commit,
        IDisposable turn)
    {
        Id = id;
        _content = content;
        _bytesMax = bytesMax;
        _commit = commit;
        _turn = turn;
    }

    /// <summary>The id of the upload in its repository.</summary>
    public string Id { get; }

    /// <summary>Number of bytes received so far.</summary>
    public long Length => _content.Length;

    /// <summary>Appends a request body. If the body breaks off, the bytes received before that are kept.</summary>
    /// <param name="body">The body. The caller completes the reader.</param>
    /// <param name="range">The range of the blob that the client stated; null for none.</param>
    /// <param name="length">The length that the client stated for the body; null for none.</param>
    /// <param name="isLast">Whether a commit follows when all of the body has arrived, so that nothing has to be saved
    /// before it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LimitExceededException">The blob would exceed
    /// <see cref="RegistryStoreOptions.BlobBytes"/>.</exception>
    /// <exception cref="StorageUnavailableException">Garbage collection deletes the same blob; the caller may
    /// retry.</exception>
    /// <exception cref="UploadBusyException">Another host has written to the upload in the meantime.</exception>
    public async ValueTask<UploadOutcome> AppendAsync(
        PipeReader body,
        UploadRange? range = null,
        long? length = null,
        bool isLast = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (range is { } claimed && claimed.First != Length)
        {
            return UploadOutcome.OutOfOrder;
        }

        RegistryStore.CheckLength(length ?? 0, _bytesMax - Length);
        long before = Length;
        bool isCommitted = false;
        try
        {
            UploadOutcome outcome = await ReceiveAsync(body, range?.Length, cancellationToken).ConfigureAwait(false);
            isCommitted = isLast && outcome == UploadOutcome.Appended;
            return outcome;
        }
        finally
        {
            // Saves also when the client has disconnected, because it will ask for the offset and resume.
            if (Length != before && !isCommitted)
            {
                ReadOnlyMemory<byte> state = _hash.Length == Length ? _hash.Save() : default;
                await _content.SaveAsync(state, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Makes the received bytes a blob of the repository, if they match the expected digest. The digest is checked
    /// before the bytes become a blob, and the blob is durable before the repository links to it.
    /// </summary>
    /// <exception cref="DigestMismatchException">The bytes have another digest. The upload has been
    /// deleted.</exception>
    /// <exception cref="StorageUnavailableException">Garbage collection deletes the same blob; the caller may
    /// retry.</exception>
    /// <exception cref="UploadBusyException">Another host has written to the upload in the meantime.</exception>
    public async ValueTask CommitAsync(Digest expected, CancellationToken cancellationToken = default)
    {
        await CatchUpAsync(cancellationToken).ConfigureAwait(false);
        Digest canonical = _hash.CurrentDigest();
        Digest found = expected.Algorithm == DigestAlgorithm.Sha256
            ? canonical
            : await HashSha512Async(cancellationToken).ConfigureAwait(false);
        if (found != expected)
        {
            long bytes = Length;
            await DeleteAsync(cancellationToken).ConfigureAwait(false);
            throw new DigestMismatchException("blob digest", $"{expected}", $"{found}", bytes);
        }

        await _commit(expected, canonical, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the upload and deletes its data.</summary>
    public ValueTask DeleteAsync(CancellationToken cancellationToken = default) => _content.CancelAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isLeft)
        {
            return;
        }

        _isLeft = true;
        try
        {
            await _content.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _hash.Dispose();
            _turn.Dispose();
        }
    }

    private async ValueTask<UploadOutcome> ReceiveAsync(PipeReader body, long? length, CancellationToken cancellationToken)
    {
        long missing = length ?? long.MaxValue;
        bool isCompleted = false;
        while (!isCompleted)
        {
            ReadResult result = await body.ReadAtLeastAsync(BatchBytes, cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled)
            {
                // On shutdown, Kestrel cancels pending reads, but lets the requests continue. Only the token ends an
                // upload.
                body.AdvanceTo(buffer.Start);
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            isCompleted = result.IsCompleted;

            if (buffer.Length > missing)
            {
                await StoreAsync(buffer.Slice(0, missing), cancellationToken).ConfigureAwait(false);
                body.AdvanceTo(buffer.End);
                return UploadOutcome.SizeDiffers;
            }

            await StoreAsync(buffer, cancellationToken).ConfigureAwait(false);
            missing -= buffer.Length;
            body.AdvanceTo(buffer.End);
        }

        return length is null || missing == 0 ? UploadOutcome.Appended : UploadOutcome.SizeDiffers;
    }

    private async ValueTask StoreAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        RegistryStore.CheckLength(bytes.Length, _bytesMax - Length);
        if (_hash.CanSave && !_isHashLoaded)
        {
            await CatchUpAsync(cancellationToken).ConfigureAwait(false);
        }

        // Where no state can be saved, what other requests brought is hashed once, by the commit.
        bool isHashed = _hash.Length == Length;
        await _content.AppendAsync(Length, bytes, cancellationToken).ConfigureAwait(false);
        if (isHashed)
        {
            foreach (ReadOnlyMemory<byte> piece in bytes)
            {
                _hash.Append(piece.Span);
            }
        }
    }

    // Loads the state that was saved, and hashes what came after it: the bytes of a host that died before it saved one.
    private async ValueTask CatchUpAsync(CancellationToken cancellationToken)
    {
        if (!_isHashLoaded && _hash.Length == 0 && Length > 0)
        {
            ReadOnlyMemory<byte> state = await _content.ReadHashStateAsync(cancellationToken).ConfigureAwait(false);
            if (ResumableSha256.LengthOf(state.Span) <= Length)
            {
                _hash.TryLoad(state.Span);
            }
        }

        _isHashLoaded = true;
        if (_hash.Length != Length)
        {
            await ReadAsync(_hash.Length, _hash.Append, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<Digest> HashSha512Async(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        await ReadAsync(0, hash.AppendData, cancellationToken).ConfigureAwait(false);
        return Digest.FromHash(DigestAlgorithm.Sha512, hash.GetCurrentHash());
    }

    private async ValueTask ReadAsync(long offset, ReadOnlySpanAction take, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        try
        {
            while (offset < Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = await _content.ReadAsync(buffer, offset, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new StoreException(Id, $"upload {Id}: ends at byte {offset}, expected {Length}");
                }

                take(buffer.AsSpan(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);
}
