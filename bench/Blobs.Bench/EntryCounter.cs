using Blobs.Tar;

namespace Blobs.Bench;

/// <summary>A sink that only counts entries.</summary>
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
