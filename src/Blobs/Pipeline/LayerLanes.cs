using Blobs.Buffers;
using Blobs.Hashing;

namespace Blobs.Pipeline;

/// <summary>The lanes that consume a tar's slabs: one hashes and records, another unpacks. Each consumes every slab on
/// its own thread.</summary>
internal sealed class LayerLanes : IDisposable
{
    private const int SlabsToWake = 2;

    private readonly FirstFault _fault;
    private readonly RecordConsumer _record;
    private readonly TreeConsumer? _tree;
    private readonly List<Lane<Slab>> _lanes = [];

    public LayerLanes(LayerPipelineOptions options, FirstFault fault)
    {
        _fault = fault;
        _record = new RecordConsumer(options);
        _tree = options.Entries is null ? null : new TreeConsumer(options.Entries, options.Limits);
    }

    /// <summary>Entries so far.</summary>
    public long EntryCount => _record.EntryCount ?? _tree!.EntryCount;

    /// <summary>Digest of the tar, once the lanes have ended.</summary>
    public DiffId DiffId => _record.DiffId;

    /// <summary>Starts the threads. <see cref="EndAsync"/> ends them.</summary>
    public void Start()
    {
        _lanes.Add(new Lane<Slab>("blobs record", _record, _fault, SlabsToWake));
        if (_tree is not null)
        {
            _lanes.Add(new Lane<Slab>("blobs tree", _tree, _fault, SlabsToWake));
        }
    }

    public void HandOver(Slab slab)
    {
        slab.Share(_lanes.Count);
        foreach (Lane<Slab> lane in _lanes)
        {
            lane.Enqueue(slab);
        }
    }

    /// <summary>Ends the lanes: waits until every slab has been consumed or, after a fault, released.</summary>
    public async Task EndAsync()
    {
        foreach (Lane<Slab> lane in _lanes)
        {
            lane.Complete();
            await lane.Ended.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _record.Dispose();
        _tree?.Dispose();
    }
}
