namespace Blobs.Tests.Testing;

/// <summary>A stream whose reads wait until the test opens it.</summary>
internal sealed class GatedStream(byte[] bytes) : MemoryStream(bytes)
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task IsAskedFor => _asked.Task;

    public void Open() => _opened.SetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked.TrySetResult();
        await _opened.Task.WaitAsync(cancellationToken);
        return Read(buffer.Span);
    }
}
