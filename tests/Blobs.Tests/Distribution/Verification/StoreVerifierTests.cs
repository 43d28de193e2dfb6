using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Distribution.Verification;

[SupportedOSPlatform("linux")]
public sealed class StoreVerifierTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public async ValueTask InitializeAsync()
    {
        var store = new RegistryStore(new FileSystemStorage(_folder["store"], new FileSystemStorageOptions { Durability = Durability.None }));
        Digest config = await PushAsync(store, "{}");
        Digest layer = await PushAsync(store, new string('x', 5000));
        string manifest =
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":5000}]}""";
        await store.PutManifestAsync("a/b", "latest", null, Encoding.UTF8.GetBytes(manifest), null);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_store_that_nobody_touched_is_right()
    {
        VerifyReport report = await StoreVerifier.RunAsync(_folder["store"]);
        Assert.Empty(report.Findings);
        Assert.Empty(report.Unread);
    }

    [Fact]
    public async Task A_changed_byte_of_any_file_is_found_and_the_file_named()
    {
        string[] files = Directory.GetFiles(_folder["store"], "*", SearchOption.AllDirectories);
        Assert.Equal(8, files.Length);
        foreach (string file in files)
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            foreach (int at in (int[])[0, content.Length / 2, content.Length - 1])
            {
                byte[] changed = [.. content];
                changed[at] ^= 1;
                await File.WriteAllBytesAsync(file, changed);
                VerifyReport report = await StoreVerifier.RunAsync(_folder["store"]);
                string path = Path.GetRelativePath(_folder["store"], file);
                Assert.True(report.Findings.Any(finding => finding.Path == path), $"{path}, byte {at}: {string.Join('\n', report.Findings)}");
            }

            await File.WriteAllBytesAsync(file, content);
        }
    }

    [Fact]
    public async Task A_missing_file_is_missed()
    {
        foreach (string file in Directory.GetFiles(_folder["store"], "*", SearchOption.AllDirectories))
        {
            // Without its current link, a tag does not exist. Nothing refers to it, so this is not an error.
            if (Path.GetRelativePath(_folder["store"], file).Split('/') is [.., "current", _])
            {
                continue;
            }

            byte[] content = await File.ReadAllBytesAsync(file);
            File.Delete(file);
            Assert.NotEmpty((await StoreVerifier.RunAsync(_folder["store"])).Findings);
            await File.WriteAllBytesAsync(file, content);
        }
    }

    [Fact]
    public async Task An_index_of_blobs_is_right()
    {
        var store = new RegistryStore(new FileSystemStorage(_folder["store"]));
        Digest layer = await PushAsync(store, "of a cache");
        string index =
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{layer}}","size":10}]}""";
        await store.PutManifestAsync("a/b", "cache", null, Encoding.UTF8.GetBytes(index), null);
        Assert.Empty((await StoreVerifier.RunAsync(_folder["store"])).Findings);
        await store.DeleteBlobAsync("a/b", layer);
        Assert.Contains($"{layer}", Assert.Single((await StoreVerifier.RunAsync(_folder["store"])).Findings).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.example+json\"}")]
    [InlineData("{\"schemaVersion\":1,\"fsLayers\":{}}")]
    public async Task A_manifest_that_cannot_be_read_is_named_and_nothing_else(string text)
    {
        byte[] document = Encoding.UTF8.GetBytes(text);
        var digest = Digest.OfSha256(document);
        var storage = new FileSystemStorage(_folder["store"]);
        await storage.Blobs.WriteAsync(digest, document);
        await storage.References.WriteAsync(RegistryReference.ToManifest("a/b", digest), digest);
        VerifyFinding found = Assert.Single((await StoreVerifier.RunAsync(_folder["store"])).Findings);
        Assert.Equal(new BlobDirectory(_folder["store"]).PathOf(digest), Path.Combine(_folder["store"], found.Path));
    }

    [Fact]
    public async Task Manifests_of_schema_1_with_nulls_are_only_hashed()
    {
        byte[] document = Encoding.UTF8.GetBytes("""{"schemaVersion":1,"fsLayers":[null]}""");
        var digest = Digest.OfSha256(document);
        var storage = new FileSystemStorage(_folder["store"]);
        await storage.Blobs.WriteAsync(digest, document);
        await storage.References.WriteAsync(RegistryReference.ToManifest("a/b", digest), digest);
        VerifyReport report = await StoreVerifier.RunAsync(_folder["store"]);
        Assert.Empty(report.Findings);
        Assert.Single(report.Unread);
    }

    private static async Task<Digest> PushAsync(RegistryStore store, string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        Digest digest = Digest.OfSha256(bytes);
        await using RegistryUpload upload = await store.BeginUploadAsync("a/b");
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(bytes)));
        await upload.CommitAsync(digest);
        return digest;
    }
}
