using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>
/// A pass over a generated tar. Nothing is decoded, and the tar is its own blob, so that one hash gives both digests. A
/// thread fills slabs with the tar; the lanes are those of <see cref="LayerRun"/>.
/// </summary>
internal sealed class CaptureRun : IDisposable
{
    private readonly CancellationToken _cancellationToken;
    private readonly SlabPool _pool = new(LayerRun.SlabCount, LayerRun.SlabBytes);
    private readonly FirstFault _fault = new();
    private readonly LayerLanes _lanes;

    public CaptureRun(LayerPipelineOptions options, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _lanes = new LayerLanes(options, _fault);
    }

    public async Task<LayerSummary> RunAsync(ITarSource tar)
    {
        _lanes.Start();
        var filler = new SlabFiller(_pool, (slab, _) => _lanes.HandOver(slab), _fault, _cancellationToken);
        try
        {
            await filler.FillAsync(tar).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }

        await _lanes.EndAsync().ConfigureAwait(false);
        _fault.ThrowIfSet();
        return new LayerSummary
        {
            Digest = _lanes.DiffId.ToDigest(),
            DiffId = _lanes.DiffId,
            Compression = CompressionKind.None,
            CompressedBytes = filler.HandedBytes,
            UncompressedBytes = filler.HandedBytes,
            EntryCount = _lanes.EntryCount,
            SourceWait = TimeSpan.Zero,
        };
    }

    public void Dispose()
    {
        _lanes.Dispose();
        _pool.Dispose();
    }
}
