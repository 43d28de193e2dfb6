using System.IO.Pipelines;

namespace Blobs.Streams;

/// <summary>
/// A stream whose bytes a task writes while they are read, at most a megabyte ahead. The end of the stream is reported
/// only after the task has succeeded, and its failure is thrown to the reader. Disposing it early cancels the task;
/// disposing it asynchronously also waits for the task to end.
/// </summary>
public sealed class ProducedStream : ReadOnlyStream
{
    private const int BufferedBytes = 1 << 20;

    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: BufferedBytes, resumeWriterThreshold: BufferedBytes / 2, useSynchronizationContext: false));

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _producing;
    private readonly Stream _source;
    private bool _isDisposed;

    /// <param name="produce">Writes the bytes, on a thread of the pool.</param>
    public ProducedStream(Func<Stream, CancellationToken, Task> produce)
    {
        ArgumentNullException.ThrowIfNull(produce);
        _source = _pipe.Reader.AsStream();
        _producing = Task.Run(() => ProduceAsync(produce));
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _source.Read(buffer);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _source.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        await _producing.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _stop.Cancel();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    // The reader gets the failure, so this task itself never fails.
    private async Task ProduceAsync(Func<Stream, CancellationToken, Task> produce)
    {
        Exception? failure = null;
        try
        {
            Stream target = _pipe.Writer.AsStream(leaveOpen: true);
            await using (target.ConfigureAwait(false))
            {
                await produce(target, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            failure = fault;
        }

        await _pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
    }
}
