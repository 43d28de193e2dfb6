using System.Collections.Concurrent;
using System.Threading.Channels;
using Blobs.Buffers;
using Blobs.Compression;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Pipeline;

/// <summary>
/// The state of one run of <see cref="LayerEncoder"/>. Slabs are filled with the tar. One lane hashes them, another
/// compresses them on all cores, and the caller's task hashes and writes the results in order. The slab pool bounds the
/// memory. After a fault the lanes drain, and only then is the first fault thrown.
/// </summary>
internal sealed class EncodeRun : IDisposable
{
    // An uncompressed tar is written in smaller slabs, to begin writing early.
    private const int PlainSlabBytes = 256 << 10;
    private const int PlainSlabCount = 8;

    // Besides those being compressed: one is filled, one waits until it is known whether it is the last, one is
    // written.
    private const int SlabsAround = 3;

    private readonly Stream _target;
    private readonly CancellationToken _cancellationToken;
    private readonly FirstFault _fault = new();
    private readonly SlabPool _pool;
    private readonly SlabFiller _filler;
    private readonly IProgress<LayerProgress>? _progress;
    private readonly HashConsumer? _hash;
    private readonly Lane<Slab>? _hashing;
    private readonly BlockFormat? _format;
    private readonly Lane<EncodeBlock>? _encoding;
    private readonly Sha256Hasher? _outputHasher;
    private readonly ConcurrentBag<EncodeBlock> _idle = [];
    private readonly Channel<EncodeBlock> _encoded = Channel.CreateUnbounded<EncodeBlock>(
        new UnboundedChannelOptions { SingleReader = true });

    // Blocks that finished before their predecessors, each at its number modulo the length.
    private readonly EncodeBlock?[] _early;
    private long _nextNumber;
    private long _nextToWrite;
    private long _length;

    /// <param name="target">Takes the output; stays open.</param>
    /// <param name="options">How it is compressed.</param>
    /// <param name="hashesTar">Whether to hash the tar; an uncompressed one is always hashed.</param>
    /// <param name="cancellationToken">Ends the run between two slabs.</param>
    public EncodeRun(Stream target, LayerEncodeOptions options, bool hashesTar, CancellationToken cancellationToken)
    {
        _target = target;
        _progress = options.Progress;
        _cancellationToken = cancellationToken;
        int threads = options.Encoder?.Threads ?? Environment.ProcessorCount;
        bool isPlain = options.Compression == CompressionKind.None;
        int slabCount = isPlain ? PlainSlabCount : threads + SlabsAround;
        if (!isPlain)
        {
            _format = BlockFormat.Of(options.Compression, options.Encoder?.Level);
            _outputHasher = new Sha256Hasher();
            _encoding = new Lane<EncodeBlock>("blobs encode", new EncodeConsumer(_format, _encoded.Writer), _fault, threads: threads);
        }

        if (isPlain || hashesTar)
        {
            _hash = new HashConsumer();
            _hashing = new Lane<Slab>("blobs hash", _hash, _fault);
        }

        _early = new EncodeBlock?[slabCount];
        _pool = new SlabPool(slabCount, _format?.BlockBytes ?? PlainSlabBytes);
        _filler = new SlabFiller(_pool, HandOver, _fault, cancellationToken);
        PipeCapacity.TryEnlarge(target);
    }

    /// <summary>Runs until all output is written.</summary>
    /// <param name="fill">Fills the slabs with the whole tar, off the caller's thread.</param>
    /// <returns>What was written; with a DiffID only if the tar was hashed.</returns>
    public async Task<EncodedLayer> RunAsync(Func<SlabFiller, Task> fill)
    {
        Task reading = ReadAsync(fill);
        await WriteAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        _fault.ThrowIfSet();
        return new EncodedLayer
        {
            Digest = new Digest(_outputHasher?.Finish() ?? _hash!.Hash),
            Length = _length,
            DiffId = _hash is null ? default : new DiffId(_hash.Hash),
            TarLength = _filler.HandedBytes,
        };
    }

    public void Dispose()
    {
        _hash?.Dispose();
        _outputHasher?.Dispose();
        _format?.Dispose();
        _pool.Dispose();
    }

    private async Task ReadAsync(Func<SlabFiller, Task> fill)
    {
        try
        {
            await fill(_filler).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }

        await EndAsync(_hashing).ConfigureAwait(false);
        await EndAsync(_encoding).ConfigureAwait(false);
        _encoded.Writer.Complete();
    }

    private static async Task EndAsync<T>(Lane<T>? lane)
    {
        if (lane is not null)
        {
            lane.Complete();
            await lane.Ended.ConfigureAwait(false);
        }
    }

    private void HandOver(Slab slab, bool isFinal)
    {
        EncodeBlock block = _idle.TryTake(out EncodeBlock? idle) ? idle : new EncodeBlock { Tar = slab };
        block.Tar = slab;
        block.Number = _nextNumber++;
        block.IsFinal = isFinal;
        slab.Share(_hashing is null ? 1 : 2);
        _hashing?.Enqueue(slab);
        if (_encoding is null)
        {
            _encoded.Writer.TryWrite(block);
        }
        else
        {
            _encoding.Enqueue(block);
        }

        _progress?.Report(new LayerProgress(_filler.HandedBytes, _filler.HandedBytes, EntryCount: 0));
    }

    private async Task WriteAsync()
    {
        await foreach (EncodeBlock ready in _encoded.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _early[ready.Number % _early.Length] = ready;
            while (TakeNext() is { } block)
            {
                if (!_fault.IsSet)
                {
                    await WriteAsync(block).ConfigureAwait(false);
                }

                block.Tar.Release();
                _idle.Add(block);
            }
        }
    }

    private EncodeBlock? TakeNext()
    {
        ref EncodeBlock? place = ref _early[_nextToWrite % _early.Length];
        EncodeBlock? block = place;
        if (block is not null)
        {
            place = null;
            _nextToWrite++;
        }

        return block;
    }

    private async Task WriteAsync(EncodeBlock block)
    {
        try
        {
            if (_format is null)
            {
                await WriteAsync(block.Tar.DataMemory).ConfigureAwait(false);
                return;
            }

            if (block.Number == 0)
            {
                await WriteAsync(_format.Header).ConfigureAwait(false);
            }

            _format.UpdateTrailer(block.Tar.Data);
            await WriteAsync(block.Compressed.GetBuffer().AsMemory(0, (int)block.Compressed.Length)).ConfigureAwait(false);
            if (block.IsFinal)
            {
                await WriteAsync(_format.MakeTrailer()).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            _fault.Set(fault);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _outputHasher?.Append(bytes.Span);
            _length += bytes.Length;
            await _target.WriteAsync(bytes, _cancellationToken).ConfigureAwait(false);
        }
    }
}
