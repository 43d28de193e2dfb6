using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using Blobs.Compression;
using Blobs.Errors;

namespace Blobs.Bench;

/// <summary>gzip decompression; all methods check the CRC-32.</summary>
public class InflateBench : IClaim
{
    private const int History = 32 << 10;
    private readonly byte[] _slab = new byte[History + (256 << 10)];
    private byte[] _gzip = [];

    public long Bytes => Corpus.Tar.Length;

    [GlobalSetup]
    public void Setup() => _gzip = Corpus.Gzip;

    [Benchmark(Baseline = true, Description = "GZipStream")]
    public string Framework()
    {
        using var gzip = new GZipStream(new MemoryStream(_gzip), CompressionMode.Decompress);
        long total = 0;
        for (int read = gzip.Read(_slab); read > 0; read = gzip.Read(_slab))
        {
            total += read;
        }

        return Check(total);
    }

    [Benchmark(Description = "GzipDecoder into slabs")]
    public string Ours()
    {
        using var decoder = new GzipDecoder();
        int consumedTotal = 0;
        int position = History;
        long total = 0;
        while (true)
        {
            OperationStatus status = decoder.Decode(
                _gzip.AsSpan(consumedTotal), _slab, position, isFinal: true, out int consumed, out int written);
            consumedTotal += consumed;
            position += written;
            total += written;
            if (status != OperationStatus.DestinationTooSmall)
            {
                return status == OperationStatus.Done ? Check(total) : decoder.FaultMessage;
            }

            _slab.AsSpan(_slab.Length - History).CopyTo(_slab);
            position = History;
        }
    }

    [Benchmark(Description = "DecodingStream")]
    public string OursAsStream()
    {
        using var stream = DecodingStream.Open(new MemoryStream(_gzip), CompressionKind.Gzip, Limits.Default);
        long total = 0;
        for (int read = stream.Read(_slab); read > 0; read = stream.Read(_slab))
        {
            total += read;
        }

        return Check(total);
    }

    private static string Check(long total) => total.ToString(CultureInfo.InvariantCulture);
}
