using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>The lane that parses the tar for the caller's sink: an unpacker or a scanner.</summary>
internal sealed class TreeConsumer(ITarSink entries, Limits limits) : ILaneConsumer<Slab>, IDisposable
{
    private readonly TarReader _reader = new(entries, limits);

    public long EntryCount => _reader.EntryCount;

    public void Consume(Slab item) => _reader.Push(item.Data);

    public void Release(Slab item) => item.Release();

    public void Complete() => _reader.Complete();

    public void Dispose() => _reader.Dispose();
}
