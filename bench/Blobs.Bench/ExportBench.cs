using BenchmarkDotNet.Attributes;
using Blobs.Docker.Layers;

namespace Blobs.Bench;

/// <summary>Export: a layer's tar rebuilt from its tree, with every file's CRC-64 and the DiffID checked.</summary>
public class ExportBench : IClaim
{
    private readonly string _root = Corpus.Scratch;
    private LayerStore? _store;
    private Layer? _layer;

    public long Bytes => Corpus.Tar.Length;

    [GlobalSetup]
    public void Setup()
    {
        _store = LayerStore.Open(_root);
        _layer = _store.IngestAsync(new MemoryStream(Corpus.Gzip)).GetAwaiter().GetResult().Layer;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Cleanup();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    [Benchmark(Description = "LayerStore.ExportAsync")]
    public string Export()
    {
        _store!.ExportAsync(_layer!.ChainId, Stream.Null).GetAwaiter().GetResult();
        return _layer.DiffId.Hex[..8];
    }
}
