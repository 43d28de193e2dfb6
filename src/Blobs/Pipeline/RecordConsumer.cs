using Blobs.Buffers;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Pipeline;

/// <summary>
/// The lane that hashes the tar and, if asked, makes the recording. For the recording it parses the tar itself instead of sharing the
/// tree lane's reader: parsing is a hundredth of either lane's work, and synchronizing the two would cost more.
/// </summary>
internal sealed class RecordConsumer : ILaneConsumer<Slab>, IDisposable
{
    private readonly Sha256Hasher _hasher = new();
    private readonly TarSplitRecorder? _recorder;
    private readonly TarReader? _reader;
    private readonly IByteSink? _uncompressed;

    public RecordConsumer(LayerPipelineOptions options)
    {
        _uncompressed = options.Uncompressed;
        _recorder = options.TarSplit is null ? null : new TarSplitRecorder(options.TarSplit);
        bool isReadElsewhere = _recorder is null && options.Entries is not null;
        _reader = isReadElsewhere ? null : new TarReader(_recorder ?? (ITarSink)new EntryCounter(), options.Limits);
    }

    /// <summary>Entries so far; null when another lane reads the tar.</summary>
    public long? EntryCount => _reader?.EntryCount;

    public DiffId DiffId { get; private set; }

    public void Consume(Slab item)
    {
        ReadOnlySpan<byte> bytes = item.Data;
        _hasher.Append(bytes);
        _reader?.Push(bytes);
        _uncompressed?.Write(bytes);
    }

    public void Release(Slab item) => item.Release();

    public void Complete()
    {
        _reader?.Complete();
        _recorder?.Complete();
        DiffId = new DiffId(_hasher.Finish());
    }

    public void Dispose()
    {
        _hasher.Dispose();
        _reader?.Dispose();
        _recorder?.Dispose();
    }

    // With neither recording nor entries the tar is still parsed, so that anything else is refused.
    private sealed class EntryCounter : ITarSink
    {
        public void Entry(TarEntry entry)
        {
        }

        public void Payload(ReadOnlySpan<byte> bytes)
        {
        }

        public void EndEntry()
        {
        }
    }
}
