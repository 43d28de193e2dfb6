using System.IO.Pipelines;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;

namespace Blobs.Bench;

/// <summary>Pushing a blob to a registry's store without HTTP, hashed while it is written, against writing a file and
/// then hashing it.</summary>
public class RegistryPushBench : IClaim
{
    private readonly byte[] _blob = new byte[16 << 20];
    private Digest _digest;

    public long Bytes => _blob.Length;

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(_blob);
        _digest = Digest.OfSha256(_blob);
    }

    [Benchmark(Baseline = true, Description = "File.WriteAllBytes, then SHA256 of the file")]
    public string Framework()
    {
        string folder = Directory.CreateDirectory(Corpus.Scratch).FullName;
        try
        {
            string path = Path.Combine(folder, "blob");
            File.WriteAllBytes(path, _blob);
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file))[..8];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Benchmark(Description = "RegistryStore, durability none")]
    public string Ours() => PushAsync().GetAwaiter().GetResult();

    private async Task<string> PushAsync()
    {
        string folder = Corpus.Scratch;
        try
        {
            var store = new RegistryStore(new FileSystemStorage(folder, new FileSystemStorageOptions { Durability = Durability.None }));
            await using RegistryUpload upload = await store.BeginUploadAsync("some/image");
            await upload.AppendAsync(PipeReader.Create(new MemoryStream(_blob)));
            await upload.CommitAsync(_digest);
            return _digest.Hex[..8];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
