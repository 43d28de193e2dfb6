using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Storage;
using Blobs.Tests.Testing;
using Blobs.Verification;

namespace Blobs.Tests.Verification;

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
            // A repository that has lost a manifest, and its history, has lost nothing that anybody could miss.
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
