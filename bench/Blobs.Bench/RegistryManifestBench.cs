using System.Text;
using BenchmarkDotNet.Attributes;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.Bench;

/// <summary>Finding a manifest by its tag, as every pull does first, against reading the two files that hold it.</summary>
public sealed class RegistryManifestBench : IClaim, IDisposable
{
    private readonly string _folder = Corpus.Scratch;
    private string _link = "";
    private RegistryStore? _store;
    private long _bytes;

    public long Bytes => _bytes;

    [GlobalSetup]
    public void Setup()
    {
        _store = new RegistryStore(new FileSystemStorage(_folder, new FileSystemStorageOptions { Durability = Durability.None }));
        byte[] manifest = Encoding.ASCII.GetBytes(
            """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""");
        _bytes = manifest.Length;
        _store.PutManifestAsync("some/image", "latest", null, manifest, null).AsTask().GetAwaiter().GetResult();
        _link = Path.Combine(RegistryPaths.Folder(_folder), RegistryPaths.Of(RegistryReference.OfTag("some/image", "latest")));
    }

    [GlobalCleanup]
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Benchmark(Baseline = true, Description = "File.ReadAllText of the link, File.ReadAllBytes of the blob")]
    public string Framework()
    {
        Digest digest = Digest.Parse(File.ReadAllText(_link));
        return Digest.OfSha256(File.ReadAllBytes(new BlobDirectory(_folder).PathOf(digest))).Hex[..8];
    }

    [Benchmark(Description = "RegistryStore.FindManifestAsync")]
    public string Ours() => _store!.FindManifestAsync("some/image", "latest").AsTask().GetAwaiter().GetResult()!.Digest.Hex[..8];
}
