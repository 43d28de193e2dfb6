using System.Buffers;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Bench;

/// <summary>zstd decompression: what our wrapper costs on top of the library's stream.</summary>
public class ZstdBench : IClaim
{
    private readonly byte[] _slab = new byte[256 << 10];
    private byte[] _zstd = [];

    public long Bytes => Corpus.Tar.Length;

    [GlobalSetup]
    public void Setup() => _zstd = Corpus.Zstd;

    [Benchmark(Baseline = true, Description = "ZstdSharp.DecompressionStream")]
    public string Library()
    {
        using var stream = new ZstdSharp.DecompressionStream(new MemoryStream(_zstd));
        long total = 0;
        for (int read = stream.Read(_slab); read > 0; read = stream.Read(_slab))
        {
            total += read;
        }

        return total.ToString(CultureInfo.InvariantCulture);
    }

    [Benchmark(Description = "ZstdDecoder")]
    public string Ours()
    {
        using var decoder = new ZstdDecoder(Limits.Default.ZstdWindowBytes);
        int consumedTotal = 0;
        long total = 0;
        OperationStatus status;
        do
        {
            status = decoder.Decode(_zstd.AsSpan(consumedTotal), _slab, 0, isFinal: true, out int consumed, out int written);
            consumedTotal += consumed;
            total += written;
        }
        while (status == OperationStatus.DestinationTooSmall);
        return total.ToString(CultureInfo.InvariantCulture);
    }
}
