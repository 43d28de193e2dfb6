using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Blobs.Docker.Layers;
using Blobs.Pipeline;

namespace Blobs.Bench;

/// <summary>
/// Ingesting a compressed layer (digests and tree) against what a .NET developer writes today: hash the blob, decompress
/// and hash, decompress and extract. The baseline makes no recording, so its tar cannot be rebuilt.
/// </summary>
public class PipelineBench : IClaim
{
    private byte[] _gzip = [];

    public long Bytes => Corpus.Tar.Length;

    [GlobalSetup]
    public void Setup() => _gzip = Corpus.Gzip;

    [Benchmark(Baseline = true, Description = "three passes: SHA256, GZipStream + SHA256, TarFile.ExtractToDirectory")]
    public string Framework()
    {
        string root = Directory.CreateDirectory(Corpus.Scratch).FullName;
        try
        {
            SHA256.HashData(_gzip);
            using var once = new GZipStream(new MemoryStream(_gzip), CompressionMode.Decompress);
            byte[] diffId = SHA256.HashData(once);
            using var again = new GZipStream(new MemoryStream(_gzip), CompressionMode.Decompress);
            TarFile.ExtractToDirectory(again, root, overwriteFiles: true);
            return Convert.ToHexStringLower(diffId)[..8];
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Benchmark(Description = "LayerPipeline, digests only")]
    public string Hash() => Check(LayerPipeline.RunAsync(new MemoryStream(_gzip)));

    [Benchmark(Description = "LayerStore.IngestAsync, overlay2")]
    public string Overlay2() => Ingest("overlay2");

    [Benchmark(Description = "LayerStore.IngestAsync, vfs")]
    public string Vfs() => Ingest("vfs");

    private string Ingest(string driver)
    {
        string root = Corpus.Scratch;
        try
        {
            LayerStore store = LayerStore.Open(root, new DockerRootOptions { Driver = driver });
            Task<LayerIngestResult> ingest = store.IngestAsync(new MemoryStream(_gzip));
            return ingest.GetAwaiter().GetResult().Summary.DiffId.Hex[..8];
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Check(Task<LayerSummary> run) => run.GetAwaiter().GetResult().DiffId.Hex[..8];
}
