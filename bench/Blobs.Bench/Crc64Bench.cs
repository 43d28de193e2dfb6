using System.Globalization;
using BenchmarkDotNet.Attributes;
using Blobs.Hashing;

namespace Blobs.Bench;

/// <summary>CRC-64/GO-ISO: carry-less multiplication against the scalar table.</summary>
public class Crc64Bench : IClaim
{
    private byte[] _tar = [];

    public long Bytes => _tar.Length;

    [GlobalSetup]
    public void Setup() => _tar = Corpus.Tar;

    [Benchmark(Baseline = true, Description = "scalar table")]
    public string Scalar() => (~Crc64.Algorithm.UpdateScalar(ulong.MaxValue, _tar)).ToString("x16", CultureInfo.InvariantCulture);

    [Benchmark(Description = "Crc64")]
    public string Vectorized() => Crc64.Of(_tar).ToString("x16", CultureInfo.InvariantCulture);
}
