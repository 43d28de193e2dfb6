using Blobs.Buffers;

namespace Blobs.Pipeline;

/// <summary>
/// One consumer of slabs on a thread of its own: what it does blocks in the kernel or computes for long, neither of which
/// belongs on the thread pool. The queue needs no bound of its own, because the pool of slabs has one.
/// </summary>
internal sealed class SlabLane
{
    private readonly Queue<Slab> _queue = new();
    private readonly FirstFault _fault;
    private readonly ISlabConsumer _consumer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isComplete;

    public SlabLane(string name, ISlabConsumer consumer, FirstFault fault)
    {
        _consumer = consumer;
        _fault = fault;
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>Ends when every slab was consumed or, after a fault on any lane, let go.</summary>
    public Task Ended => _ended.Task;

    public void Enqueue(Slab slab)
    {
        lock (_queue)
        {
            _queue.Enqueue(slab);
            Monitor.Pulse(_queue);
        }
    }

    public void Complete()
    {
        lock (_queue)
        {
            _isComplete = true;
            Monitor.Pulse(_queue);
        }
    }

    private void Run()
    {
        while (TryDequeue(out Slab? slab))
        {
            Guard(slab, static (consumer, slab) => consumer.Consume(slab!.Data));
            slab.Release();
        }

        Guard(null, static (consumer, _) => consumer.Complete());
        _ended.SetResult();
    }

    // A lane that failed goes on taking slabs, so that nobody waits for a free one for ever.
    private void Guard(Slab? slab, Action<ISlabConsumer, Slab?> step)
    {
        if (_fault.IsSet)
        {
            return;
        }

        try
        {
            step(_consumer, slab);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }
    }

    private bool TryDequeue([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Slab? slab)
    {
        lock (_queue)
        {
            while (!_queue.TryDequeue(out slab))
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
