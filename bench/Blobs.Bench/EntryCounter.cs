using Blobs.Tar;

namespace Blobs.Bench;

/// <summary>The least a sink can do.</summary>
internal sealed class EntryCounter : ITarSink
{
    public long Entries { get; private set; }

    public long Bytes { get; private set; }

    public void Entry(TarEntry entry) => Entries++;

    public void Payload(ReadOnlySpan<byte> bytes) => Bytes += bytes.Length;

    public void EndEntry()
    {
    }
}
