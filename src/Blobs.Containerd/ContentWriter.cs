using System.Buffers;
using Blobs.Hashing;

namespace Blobs.Containerd;

/// <summary>
/// Writes a blob through containerd's API: chunks of half a megabyte, a few at once before their answers. When the connection is cut,
/// containerd says how much it has, and the rest is sent again.
/// </summary>
internal sealed class ContentWriter : IBlobWriter
{
    // With its envelope, a chunk fits a pooled buffer of gRPC of 512 KiB; a few bytes more would take twice that.
    private const int ChunkBytes = (512 << 10) - 1024;
    private const int ChunksInFlight = 4;

    private readonly Ingest _ingest;
    private readonly Queue<Chunk> _sent = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
    private int _buffered;
    private long _offset;
    private long _skipped;

    private ContentWriter(Ingest ingest)
    {
        _ingest = ingest;
        _skipped = ingest.Offset;
        _offset = ingest.Offset;
    }

    /// <summary>Begins to write a blob, or goes on where somebody stopped.</summary>
    /// <param name="services">The services, with a lease.</param>
    /// <param name="reference">What names the blob until it has a digest.</param>
    /// <param name="expected">Its digest; null when it is not known yet.</param>
    /// <param name="total">Its length; null when it is not known yet.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when containerd has the blob. The lease has it too, then.</returns>
    public static async Task<ContentWriter?> OpenAsync(
        Services services, string reference, Digest? expected, long? total, CancellationToken cancellationToken)
    {
        var ingest = new Ingest(services, reference, expected, total);
        try
        {
            await ingest.OpenAsync(isFirst: true, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            ingest.Dispose();
            throw;
        }

        return ingest.IsCommitted ? null : new ContentWriter(ingest);
    }

    /// <summary>Whether all of it is there, of another namespace, and only has to be committed.</summary>
    public bool IsComplete => _ingest.Total is { } total && _ingest.Offset == total && _skipped == total;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        int there = (int)Math.Min(_skipped, bytes.Length);
        _skipped -= there;
        bytes = bytes[there..];
        while (!bytes.IsEmpty && !_ingest.IsCommitted)
        {
            int length = Math.Min(bytes.Length, ChunkBytes - _buffered);
            bytes[..length].CopyTo(_buffer.AsMemory(_buffered));
            _buffered += length;
            bytes = bytes[length..];
            if (_buffered == ChunkBytes)
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task CommitAsync(
        Digest digest, long length, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        if (!_ingest.IsCommitted)
        {
            await RunAsync(() => CommitOnceAsync(digest, length, labels, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        if (_ingest.IsCommitted)
        {
            // Somebody else was faster. These labels are ours.
            await ContentLabels.SetAsync(_ingest.Services, digest, labels, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _ingest.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var chunk = new Chunk(_offset, _buffer, _buffered);
        _sent.Enqueue(chunk);
        _offset += _buffered;
        _buffered = 0;
        _buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        bool isSent = false;
        await RunAsync(async () =>
        {
            if (!isSent)
            {
                await _ingest.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
                isSent = true;
            }

            while (_sent.Count >= ChunksInFlight)
            {
                await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
            }
        }, cancellationToken, () => isSent = true).ConfigureAwait(false);
    }

    private async Task CommitOnceAsync(
        Digest digest, long length, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        while (_sent.Count > 0)
        {
            await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
        }

        await _ingest.CommitAsync(new Chunk(_offset, _buffer, _buffered), digest, length, labels, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        await _ingest.AnswerAsync(cancellationToken).ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(_sent.Dequeue().Bytes);
    }

    // Calls are repeated on a new connection, after everything that containerd does not have was sent again.
    private async Task RunAsync(Func<Task> calls, CancellationToken cancellationToken, Action? onResent = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if (attempt > 0)
                {
                    await ResendAsync(cancellationToken).ConfigureAwait(false);
                    onResent?.Invoke();
                }

                if (!_ingest.IsCommitted)
                {
                    await calls().ConfigureAwait(false);
                }

                return;
            }
            catch (Exception fault) when (attempt < Ingest.Attempts && Ingest.IsCut(fault, cancellationToken))
            {
                await Ingest.WaitAsync(attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ResendAsync(CancellationToken cancellationToken)
    {
        await _ingest.OpenAsync(isFirst: false, cancellationToken).ConfigureAwait(false);
        if (_ingest.IsCommitted)
        {
            return;
        }

        while (_sent.TryPeek(out Chunk first) && first.End <= _ingest.Offset)
        {
            ArrayPool<byte>.Shared.Return(_sent.Dequeue().Bytes);
        }

        long needed = _sent.TryPeek(out Chunk next) ? next.Offset : _offset;
        if (_ingest.Offset < needed)
        {
            throw new ContainerdException(
                "DataLoss", $"{_ingest.Reference}: containerd lost what it had taken: {_ingest.Offset} of {needed} bytes are left");
        }

        foreach (Chunk chunk in _sent)
        {
            await _ingest.WriteAsync(chunk.From(_ingest.Offset), cancellationToken).ConfigureAwait(false);
        }
    }
}
