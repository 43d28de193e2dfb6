using System.Globalization;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>Reading an archive: every entry's name, size and content.</summary>
public class TarReadBench : IClaim
{
    private readonly byte[] _buffer = new byte[256 << 10];
    private byte[] _tar = [];

    public long Bytes => _tar.Length;

    [GlobalSetup]
    public void Setup() => _tar = Corpus.Tar;

    [Benchmark(Baseline = true, Description = "System.Formats.Tar.TarReader")]
    public string Framework()
    {
        using var reader = new System.Formats.Tar.TarReader(new MemoryStream(_tar));
        long entries = 0;
        long bytes = 0;
        while (reader.GetNextEntry() is { } entry)
        {
            entries++;
            for (int read = entry.DataStream?.Read(_buffer) ?? 0; read > 0; read = entry.DataStream!.Read(_buffer))
            {
                bytes += read;
            }
        }

        return Check(entries, bytes);
    }

    [Benchmark(Description = "TarReader")]
    public string Ours()
    {
        var counter = new EntryCounter();
        using var reader = new Tar.TarReader(counter);
        for (int position = 0; position < _tar.Length; position += 256 << 10)
        {
            reader.Push(_tar.AsSpan(position, Math.Min(256 << 10, _tar.Length - position)));
        }

        reader.Complete();
        return Check(counter.Entries, counter.Bytes);
    }

    private static string Check(long entries, long bytes) => string.Create(CultureInfo.InvariantCulture, $"{entries} entries, {bytes} bytes");
}
