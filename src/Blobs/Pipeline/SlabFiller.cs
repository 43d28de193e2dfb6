using Blobs.Buffers;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>
/// Fills slabs with a tar, and hands each over, saying whether it is the last. All but the last are full; an empty tar
/// gives one empty slab.
/// </summary>
internal sealed class SlabFiller(
    SlabPool pool, Action<Slab, bool> handOver, FirstFault fault, CancellationToken cancellationToken) : IByteSink
{
    private Slab? _slab;
    private long _handedBytes;

    /// <summary>Bytes of the tar so far, in whole slabs.</summary>
    public long HandedBytes => Volatile.Read(ref _handedBytes);

    /// <summary>Reads a tar to its end, straight into the slabs, on a dedicated thread, because it blocks.</summary>
    public Task FillAsync(ITarSource tar) => Task.Factory.StartNew(
        () => Fill(tar), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Copies bytes into the slabs. Call <see cref="Complete"/> after the last.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_slab is { Room.IsEmpty: true } full)
            {
                HandOver(full, isFinal: false);
                _slab = null;
            }

            _slab ??= Rent();
            int taken = Math.Min(bytes.Length, _slab.Room.Length);
            bytes[..taken].CopyTo(_slab.Room);
            _slab.Length += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Hands over the last slab.</summary>
    public void Complete() => HandOver(_slab ?? Rent(), isFinal: true);

    private void Fill(ITarSource tar)
    {
        Slab slab = Rent();
        slab.Length = tar.Read(slab.Room);
        while (slab.Room.IsEmpty)
        {
            Slab next = Rent();
            next.Length = tar.Read(next.Room);
            if (next.Length == 0)
            {
                pool.Return(next);
                break;
            }

            HandOver(slab, isFinal: false);
            slab = next;
        }

        HandOver(slab, isFinal: true);
    }

    private Slab Rent()
    {
        fault.ThrowIfSet();
        return pool.Rent(cancellationToken);
    }

    private void HandOver(Slab slab, bool isFinal)
    {
        fault.ThrowIfSet();
        Volatile.Write(ref _handedBytes, _handedBytes + slab.Length);
        handOver(slab, isFinal);
    }
}
