using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>
/// Two manifests whose digests have the same first eight bytes, which are all that a collector compares. To find such a
/// pair takes some 2^32 hashes, four minutes on two cores.
/// </summary>
public sealed class TwinManifestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_either_of_them_needs_stays(bool removesUntagged)
    {
        var storage = new MemoryStorage();
        StoredManifest first = await PushAsync(storage, "a", "de15fc7692e95a18");
        StoredManifest second = await PushAsync(storage, "b", "20217d927703964d");
        Assert.Equal($"{first.Digest}"[..(7 + 16)], $"{second.Digest}"[..(7 + 16)]);
        Assert.NotEqual(first.Digest, second.Digest);

        Collected report = await Collected.RunAsync(
            storage, new CollectionOptions { MinimumAge = TimeSpan.Zero, Untagged = removesUntagged });
        Assert.Empty(report.All);
        var store = new RegistryStore(storage);
        Assert.NotNull(await store.FindBlobAsync("r", Digest.OfSha256("a"u8)));
        Assert.NotNull(await store.FindBlobAsync("r", Digest.OfSha256("b"u8)));
    }

    private static async Task<StoredManifest> PushAsync(MemoryStorage storage, string config, string note)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(config);
        var digest = Digest.OfSha256(bytes);
        await storage.Blobs.WriteAsync(digest, bytes);
        await storage.References.WriteAsync(RegistryReference.ToBlob("r", digest), digest);
        string descriptor = $$"""{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{digest}}","size":1}""";
        string annotations = $$"""{"n":"{{note}}"}""";
        string manifest =
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{descriptor}},"layers":[],"annotations":{{annotations}}}""";
        return await new RegistryStore(storage)
            .PutManifestAsync("r", config, null, Encoding.ASCII.GetBytes(manifest), MediaTypes.OciManifest);
    }
}
