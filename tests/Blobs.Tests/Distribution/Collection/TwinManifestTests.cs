using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>
/// Two manifests whose digests have the same first eight bytes, which are all that a collector compares. To find such a
/// pair takes some 2^32 hashes, four minutes on two cores.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class TwinManifestTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"blobs-twins-{Guid.NewGuid():n}");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_either_of_them_needs_stays(bool removesUntagged)
    {
        var storage = new FileSystemStorage(_root, new FileSystemStorageOptions { Durability = Durability.None });
        var store = new RegistryStore(storage);
        StoredManifest first = await PushAsync(store, "a", "de15fc7692e95a18");
        StoredManifest second = await PushAsync(store, "b", "20217d927703964d");
        Assert.Equal($"{first.Digest}"[..(7 + 16)], $"{second.Digest}"[..(7 + 16)]);
        Assert.NotEqual(first.Digest, second.Digest);

        Collected report = await Collected.RunAsync(
            storage, new CollectionOptions { MinimumAge = TimeSpan.Zero, Untagged = removesUntagged });
        Assert.Empty(report.All);
        Assert.NotNull(await store.FindBlobAsync("r", Digest.OfSha256("a"u8)));
        Assert.NotNull(await store.FindBlobAsync("r", Digest.OfSha256("b"u8)));
    }

    private static async Task<StoredManifest> PushAsync(RegistryStore store, string config, string note)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(config);
        var digest = Digest.OfSha256(bytes);
        await using RegistryUpload upload = await store.BeginUploadAsync("r");
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(bytes)));
        await upload.CommitAsync(digest);
        string descriptor = $$"""{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{digest}}","size":1}""";
        string annotations = $$"""{"n":"{{note}}"}""";
        string manifest =
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{descriptor}},"layers":[],"annotations":{{annotations}}}""";
        return await store.PutManifestAsync("r", config, null, Encoding.ASCII.GetBytes(manifest), MediaTypes.OciManifest);
    }
}
