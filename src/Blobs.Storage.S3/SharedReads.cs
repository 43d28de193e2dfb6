namespace Blobs.Storage.S3;

/// <summary>
/// Reads that many requests ask for at once, such as the tag that everybody pulls. A caller gets the result of a read
/// that begins after its call, so that the result is as recent as a read of its own; callers that arrive while one read
/// is on its way share the next one.
/// </summary>
internal sealed class SharedReads<T>(Func<string, CancellationToken, Task<T>> read)
{
    private readonly Dictionary<string, Reads> _reads = new(StringComparer.Ordinal);

    /// <summary>Reads, or waits for a read that others asked for too.</summary>
    public Task<T> ReadAsync(string key, CancellationToken cancellationToken)
    {
        lock (_reads)
        {
            if (_reads.TryGetValue(key, out Reads? running))
            {
                running.Next ??= new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                return running.Next.Task.WaitAsync(cancellationToken);
            }

            _reads[key] = new Reads();
        }

        var own = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = RunAsync(key, own);
        return own.Task.WaitAsync(cancellationToken);
    }

    // No caller's cancellation ends a read that others wait for.
    private async Task RunAsync(string key, TaskCompletionSource<T>? result)
    {
        while (result is not null)
        {
            try
            {
                result.SetResult(await read(key, CancellationToken.None).ConfigureAwait(false));
            }
            catch (Exception fault)
            {
                result.SetException(fault);

                // Whoever gave up waiting does not look at it.
                _ = result.Task.Exception;
            }

            result = Follow(key);
        }
    }

    private TaskCompletionSource<T>? Follow(string key)
    {
        lock (_reads)
        {
            Reads reads = _reads[key];
            TaskCompletionSource<T>? next = reads.Next;
            reads.Next = null;
            if (next is null)
            {
                _reads.Remove(key);
            }

            return next;
        }
    }

    private sealed class Reads
    {
        /// <summary>The callers of the read after the one that is on its way.</summary>
        public TaskCompletionSource<T>? Next { get; set; }
    }
}
