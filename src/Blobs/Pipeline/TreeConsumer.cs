using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>The lane that unpacks, or looks: a tar reader in front of the caller's sink.</summary>
internal sealed class TreeConsumer(ITarSink entries, Limits limits) : ILaneConsumer<Slab>, IDisposable
{
    private readonly TarReader _reader = new(entries, limits);

    public void Consume(Slab item) => _reader.Push(item.Data);

    public void Release(Slab item) => item.Release();

    public void Complete() => _reader.Complete();

    public void Dispose() => _reader.Dispose();
}
