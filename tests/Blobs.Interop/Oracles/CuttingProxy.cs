using System.Net;
using System.Net.Sockets;

namespace Blobs.Interop.Oracles;

/// <summary>
/// A bad line to a registry: forwards connections, counts what comes back, and cuts a connection once it brought so many bytes, or stalls
/// there.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _targetPort;
    private readonly long _cutAfterBytes;
    private readonly long _stallAfterBytes;
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private int _cutsLeft;
    private long _bytes;
    private int _cuts;

    /// <param name="targetPort">Where the registry listens.</param>
    /// <param name="cutAfterBytes">What a connection may bring.</param>
    /// <param name="cutsMax">Connections that are cut; later ones are left alone.</param>
    /// <param name="stallAfterBytes">What a connection may bring before it stalls, until it is released.</param>
    public CuttingProxy(
        int targetPort, long cutAfterBytes = long.MaxValue, int cutsMax = int.MaxValue, long stallAfterBytes = long.MaxValue)
    {
        _stallAfterBytes = stallAfterBytes;
        _targetPort = targetPort;
        _cutAfterBytes = cutAfterBytes;
        _cutsLeft = cutsMax;
        _listener.Start();
        Host = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Host { get; }

    /// <summary>Bytes that came back from the registry.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Ends when the first connection stalls.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Lets what stalled go on; nothing stalls any more.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var target = new TcpClient())
        using (CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            try
            {
                await target.ConnectAsync(IPAddress.Loopback, _targetPort, both.Token);
                Task sending = client.GetStream().CopyToAsync(target.GetStream(), both.Token);
                await ReturnAsync(target.GetStream(), client, both.Token);
                await both.CancelAsync();
                await sending;
            }
            catch (Exception fault) when (fault is IOException or OperationCanceledException or SocketException)
            {
            }
        }
    }

    private async Task ReturnAsync(NetworkStream source, TcpClient client, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 << 10];
        long brought = 0;
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            Interlocked.Add(ref _bytes, read);
            brought += read;
            await client.GetStream().WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            if (brought > _stallAfterBytes)
            {
                _stalled.TrySetResult();
                await _released.Task.WaitAsync(cancellationToken);
            }

            if (brought > _cutAfterBytes && Interlocked.Decrement(ref _cutsLeft) >= 0)
            {
                Interlocked.Increment(ref _cuts);
                return;
            }
        }
    }
}
