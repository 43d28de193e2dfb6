using Blobs.Storage.S3;

namespace Blobs.Tests.Storage.S3;

public sealed class SharedReadsTests
{
    private readonly List<TaskCompletionSource<int>> _begun = [];

    [Fact]
    public async Task Callers_share_a_read_that_begins_after_all_their_calls()
    {
        SharedReads<int> reads = Reads();
        Task<int> first = reads.ReadAsync("a", default);
        Task<int>[] later = [reads.ReadAsync("a", default), reads.ReadAsync("a", default)];
        Task<int> other = reads.ReadAsync("b", default);
        Assert.Equal(2, _begun.Count);
        _begun[0].SetResult(1);
        _begun[1].SetResult(7);
        Assert.Equal((1, 7), (await first, await other));
        Assert.Equal(3, _begun.Count);
        Assert.All(later, task => Assert.False(task.IsCompleted));
        _begun[2].SetResult(2);
        Assert.All(await Task.WhenAll(later), result => Assert.Equal(2, result));
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_disturb_the_others_and_a_fault_reaches_all()
    {
        SharedReads<int> reads = Reads();
        using var given = new CancellationTokenSource();
        Task<int> impatient = reads.ReadAsync("a", given.Token);
        Task<int> patient = reads.ReadAsync("a", default);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        _begun[0].SetResult(1);
        _begun[1].SetException(new IOException("away"));
        await Assert.ThrowsAsync<IOException>(() => patient);
        Task<int> again = reads.ReadAsync("a", default);
        _begun[2].SetResult(3);
        Assert.Equal(3, await again);
    }

    // Answers come when the test says so, and continue where they are set.
    private SharedReads<int> Reads() => new((_, _) =>
    {
        var answer = new TaskCompletionSource<int>();
        _begun.Add(answer);
        return answer.Task;
    });
}
