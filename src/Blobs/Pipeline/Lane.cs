using System.Diagnostics.CodeAnalysis;

namespace Blobs.Pipeline;

/// <summary>
/// One stage of a run on a thread of its own, or several: what it does blocks in the kernel or computes for long, neither of which belongs
/// on the thread pool. The queue needs no bound of its own, because what comes through it is bounded elsewhere.
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

    /// <param name="name">Of the thread.</param>
    /// <param name="consumer">What is done with the items.</param>
    /// <param name="fault">Of the run.</param>
    /// <param name="wakeAt">How many items it takes to wake a lane that waits: to be woken costs more than a few items may be worth. No
    /// more than always come, or the lane sleeps on them for ever.</param>
    /// <param name="threads">How many take items, each whenever it has done one; the consumer is called on all of them at once.</param>
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

    /// <summary>Ends when every item was consumed or, after a fault on any lane, let go.</summary>
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
            // A lane that failed goes on taking items, so that nobody waits for ever for room.
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
