using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Pipeline;

/// <summary>The lane that unpacks, or looks: a tar reader in front of the caller's sink.</summary>
internal sealed class TreeConsumer(ITarSink entries, Limits limits) : ISlabConsumer, IDisposable
{
    private readonly TarReader _reader = new(entries, limits);

    public void Consume(ReadOnlySpan<byte> bytes) => _reader.Push(bytes);

    public void Complete() => _reader.Complete();

    public void Dispose() => _reader.Dispose();
}
