namespace Blobs.Client;

/// <summary>Waits for a connection that may fall silent: after so long without a word it counts as lost.</summary>
internal sealed class Patience(TimeSpan silence, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    /// <summary>Waits for what <paramref name="work"/> begins. What happens between two waits has all the time it needs.</summary>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
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

    /// <summary>Says that something moved: the wait begins anew.</summary>
    public void Renew()
    {
        try
        {
            _timer.CancelAfter(silence);
        }
        catch (ObjectDisposedException)
        {
            // The answer was faster than the last byte.
        }
    }

    public ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer) =>
        WaitAsync(token => stream.ReadAsync(buffer, token));

    public void Dispose() => _timer.Dispose();
}
