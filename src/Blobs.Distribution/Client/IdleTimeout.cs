namespace Blobs.Distribution.Client;

/// <summary>An idle timeout: a connection that is silent for too long counts as lost.</summary>
internal sealed class IdleTimeout(TimeSpan silence, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>Awaits <paramref name="work"/> under the timeout. Time between two waits does not count.</summary>
    /// <exception cref="TimeoutException">The connection was silent for too long.</exception>
    public async ValueTask<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> work)
    {
        _timer.CancelAfter(silence);
        try
        {
            return await work(_timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {silence.TotalSeconds:f0} s");
        }
        finally
        {
            _timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Restarts the timeout, as bytes have moved.</summary>
    public void Renew()
    {
        try
        {
            _timer.CancelAfter(silence);
        }
        catch (ObjectDisposedException)
        {
            // The answer came before the last byte was sent.
        }
    }

    public ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer) =>
        WaitAsync(token => stream.ReadAsync(buffer, token));

    public void Dispose() => _timer.Dispose();
}
