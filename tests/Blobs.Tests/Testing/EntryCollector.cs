using System.Text;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>A sink that keeps everything a <see cref="TarReader"/> reports: entries as text, payloads, and all bytes in
/// order.</summary>
internal sealed class EntryCollector : ITarSink
{
    private readonly MemoryStream _all = new();
    private MemoryStream _payload = new();

    public List<string> Entries { get; } = [];

    public List<byte[]> Payloads { get; } = [];

    public int EndCount { get; private set; }

    public byte[] AllBytes => _all.ToArray();

    /// <summary>Number of bytes before the end of the archive was reported.</summary>
    public long EndOffset { get; private set; }

    public static EntryCollector Read(ReadOnlySpan<byte> archive, int chunkBytes = int.MaxValue, Limits? limits = null)
    {
        var collector = new EntryCollector();
        using var reader = new TarReader(collector, limits);
        while (!archive.IsEmpty)
        {
            int length = Math.Min(chunkBytes, archive.Length);
            reader.Push(archive[..length]);
            archive = archive[length..];
        }

        reader.Complete();
        return collector;
    }

    public void Framing(ReadOnlySpan<byte> bytes) => _all.Write(bytes);

    public void Entry(TarEntry entry)
    {
        var text = new StringBuilder();
        text.Append((char)entry.Type).Append(' ').Append(Encoding.Latin1.GetString(entry.Name));
        text.Append($" mode={Convert.ToString(entry.Mode, 8)} {entry.Uid}:{entry.Gid} size={entry.Size}/{entry.StoredBytes}");
        text.Append($" mtime={entry.ModifiedTime.Seconds}.{entry.ModifiedTime.Nanoseconds:d9}");
        if (entry.AccessTime is { } accessTime)
        {
            text.Append($" atime={accessTime.Seconds}.{accessTime.Nanoseconds:d9}");
        }

        if (!entry.LinkName.IsEmpty)
        {
            text.Append($" -> {Encoding.Latin1.GetString(entry.LinkName)}");
        }

        if (entry.DeviceMajor + entry.DeviceMinor > 0)
        {
            text.Append($" dev={entry.DeviceMajor},{entry.DeviceMinor}");
        }

        for (int i = 0; i < entry.XattrCount; i++)
        {
            text.Append($" {Encoding.UTF8.GetString(entry.XattrName(i))}={Convert.ToHexString(entry.XattrValue(i))}");
        }

        if (entry.IsSparse)
        {
            text.Append(" sparse=").AppendJoin(',', entry.SparseMap.ToArray().Select(chunk => $"{chunk.Offset}+{chunk.Length}"));
        }

        Entries.Add(text.ToString());
        _payload = new MemoryStream();
    }

    public void Payload(ReadOnlySpan<byte> bytes)
    {
        Assert.False(bytes.IsEmpty);
        _payload.Write(bytes);
        _all.Write(bytes);
    }

    public void EndEntry() => Payloads.Add(_payload.ToArray());

    public void EndOfArchive()
    {
        EndCount++;
        EndOffset = _all.Length;
    }
}
