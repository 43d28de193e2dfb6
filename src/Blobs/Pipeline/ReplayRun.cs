using System.Threading.Channels;
using Blobs.Buffers;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.TarSplit;

namespace Blobs.Pipeline;

/// <summary>
/// The way back: a thread of its own reads recording and tree into slabs, the caller's task hashes and writes them. So reading
/// files, hashing and writing overlap, in bounded memory.
/// </summary>
internal sealed class ReplayRun(TarReplayer replayer, Stream target) : IDisposable
{
    private const int SlabBytes = 256 << 10;
    private const int SlabCount = 8;

    private readonly SlabPool _pool = new(SlabCount, SlabBytes);
    private readonly Sha256Hasher _hasher = new();
    private readonly Channel<Slab> _filled = Channel.CreateUnbounded<Slab>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Writes the whole archive and returns its DiffID.</summary>
    public async Task<DiffId> RunAsync(CancellationToken cancellationToken)
    {
        PipeCapacity.TryEnlarge(target);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Task.Factory.StartNew(
            () => Fill(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // A fault of the reading side arrives here through the channel, behind everything it read before.
            await foreach (Slab slab in _filled.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                _hasher.Append(slab.Data);
                await target.WriteAsync(slab.DataMemory, cancellationToken).ConfigureAwait(false);
                Length += slab.Length;
                slab.Release();
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }

        return new DiffId(_hasher.Finish());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        _hasher.Dispose();
    }

    private void Fill(CancellationToken stop)
    {
        try
        {
            bool isMore = true;
            while (isMore)
            {
                Slab slab = _pool.Rent(stop);
                slab.Length = replayer.Read(slab.Room);
                isMore = slab.Room.IsEmpty;
                slab.Share(1);
                _filled.Writer.TryWrite(slab);
            }

            _filled.Writer.Complete();
        }
        catch (Exception fault)
        {
            _filled.Writer.Complete(fault);
        }
    }
}
