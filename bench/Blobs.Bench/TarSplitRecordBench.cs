using System.Globalization;
using BenchmarkDotNet.Attributes;
using Blobs.Buffers;
using Blobs.Hashing;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Bench;

/// <summary>The cost of recording in addition to reading: CRC-64 of every file, names, JSON, base64.</summary>
public class TarSplitRecordBench : IClaim
{
    private byte[] _tar = [];

    public long Bytes => _tar.Length;

    [GlobalSetup]
    public void Setup() => _tar = Corpus.Tar;

    [Benchmark(Description = "TarSplitRecorder, JSON lines")]
    public string Record()
    {
        var target = new Sink();
        using var recorder = new TarSplitRecorder(target);
        using var reader = new TarReader(recorder);
        for (int position = 0; position < _tar.Length; position += 256 << 10)
        {
            reader.Push(_tar.AsSpan(position, Math.Min(256 << 10, _tar.Length - position)));
        }

        reader.Complete();
        recorder.Complete();
        return target.Check;
    }

    private sealed class Sink : IByteSink
    {
        private readonly Crc64 _crc64 = new();

        public string Check => _crc64.Value.ToString("x16", CultureInfo.InvariantCulture);

        public void Write(ReadOnlySpan<byte> bytes) => _crc64.Append(bytes);
    }
}
