using System.Diagnostics.CodeAnalysis;

namespace Blobs.Pipeline;

/// <summary>
/// One stage of a run, on one or several dedicated threads: it blocks in the kernel or computes for long, neither of
/// which belongs on the thread pool. The queue is unbounded, because the slabs and pieces that pass through it are
/// bounded elsewhere.
/// </summary>
internal sealed class Lane<T>
{
    private readonly Queue<T> _queue = new();
    private readonly int _wakeAt;
    private readonly FirstFault _fault;
    private readonly ILaneConsumer<T> _consumer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;
    private int _running;

    /// <param name="name">Name of the threads.</param>
    /// <param name="consumer">Processes the items.</param>
    /// <param name="fault">The fault of the run.</param>
    /// <param name="wakeAt">Number of queued items that wakes a waiting lane; waking it for each item may cost more
    /// than the item. Must not exceed the number that is certain to arrive, or the lane never wakes.</param>
    /// <param name="threads">Number of threads; they call the consumer concurrently.</param>
    public Lane(string name, ILaneConsumer<T> consumer, FirstFault fault, int wakeAt = 1, int threads = 1)
    {
        _wakeAt = wakeAt;
        _consumer = consumer;
        _fault = fault;
        _running = threads;
        for (int i = 0; i < threads; i++)
        {
            new Thread(Run) { Name = name, IsBackground = true }.Start();
        }
    }

    /// <summary>Completes when every item has been consumed or, after a fault on any lane, released.</summary>
    public Task Ended => _ended.Task;

    public void Enqueue(T item)
    {
        lock (_queue)
        {
            _queue.Enqueue(item);
            if (_queue.Count >= _wakeAt)
            {
                Monitor.Pulse(_queue);
            }
        }
    }

    public void Complete()
    {
        lock (_queue)
        {
            _isComplete = true;
            Monitor.PulseAll(_queue);
        }
    }

    private void Run()
    {
        while (TryDequeue(out T? item))
        {
            // A failed lane goes on taking items, so that no producer waits for room for ever.
            Consume(item);
            _consumer.Release(item);
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            End();
        }
    }

    private void End()
    {
        if (MayWork)
        {
            try
            {
                _consumer.Complete();
            }
            catch (Exception fault)
            {
                _fault.Set(fault);
            }
        }

        _ended.SetResult();
    }

    private bool MayWork => !_fault.IsSet || _consumer.GoesOnAfter(_fault);

    private void Consume(T item)
    {
        if (!MayWork)
        {
            return;
        }

        try
        {
            _consumer.Consume(item);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }
    }

    private bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        lock (_queue)
        {
            while (!_queue.TryDequeue(out item))
            {
                if (_isComplete)
                {
                    return false;
                }

                Monitor.Wait(_queue);
            }

            return true;
        }
    }
}
