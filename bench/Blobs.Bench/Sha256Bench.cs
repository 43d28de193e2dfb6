using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Blobs.Hashing.Internal;

namespace Blobs.Bench;

/// <summary>SHA-256 alone: the lower bound of every pass.</summary>
public class Sha256Bench : IClaim
{
    private byte[] _tar = [];

    public long Bytes => _tar.Length;

    [GlobalSetup]
    public void Setup() => _tar = Corpus.Tar;

    [Benchmark(Baseline = true, Description = "SHA256.HashData")]
    public string OneShot() => Convert.ToHexStringLower(SHA256.HashData(_tar))[..8];

    [Benchmark(Description = "Sha256Hasher, 256 KiB a call")]
    public string Incremental()
    {
        using var hasher = new Sha256Hasher();
        for (int position = 0; position < _tar.Length; position += 256 << 10)
        {
            hasher.Append(_tar.AsSpan(position, Math.Min(256 << 10, _tar.Length - position)));
        }

        return hasher.Finish().ToHex()[..8];
    }
}
