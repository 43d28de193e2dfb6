using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Distribution.Storage;

[SupportedOSPlatform("linux")]
public sealed class RegistryCollectorTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"blobs-collector-{Guid.NewGuid():n}");
    private readonly FileSystemStorage _storage;
    private readonly RegistryStore _store;

    public RegistryCollectorTests()
    {
        _storage = new FileSystemStorage(_root, new FileSystemStorageOptions { Durability = Durability.None });
        _store = new RegistryStore(_storage);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_manifests_need_stays_and_the_rest_goes()
    {
        StoredManifest kept = await PushAsync("a", "latest", "kept");
        StoredManifest dropped = await PushAsync("a", "old", "dropped");
        await _store.DeleteManifestAsync("a", dropped.Digest);
        Digest orphan = await BlobAsync("b", "no manifest needs it");

        CollectionReport report = await new RegistryCollector(_storage).RunAsync();
        Assert.Equal(
            new[] { dropped.Digest, DigestOf("dropped"), orphan }.Order(), report.Blobs);
        Assert.Equal([$"a@{DigestOf("dropped")}", $"b@{orphan}"], report.Links);
        Assert.Empty(report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", "latest"));
        Assert.NotNull(await _store.FindBlobAsync("a", DigestOf("kept")));
        Assert.Null(await _store.FindBlobAsync("a", DigestOf("dropped")));
        Assert.Null(await _store.FindBlobAsync("b", orphan));
        Assert.Equal(3, report.KeptBlobs);
        Assert.Equal(kept.Digest, (await _store.FindManifestAsync("a", kept.Digest))!.Digest);
    }

    [Fact]
    public async Task What_a_manifest_of_schema_1_names_stays()
    {
        Digest layer = await BlobAsync("a", "an old layer");
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":1,"name":"a","tag":"old","fsLayers":[{"blobSum":"{{layer}}"}],"history":[{"v1Compatibility":"{}"}]}""");
        Digest digest = Digest.OfSha256(manifest);
        await _storage.Blobs.WriteAsync(digest, manifest);
        await _storage.References.WriteAsync(RegistryReference.ToManifest("a", digest), digest);

        CollectionReport report = await new RegistryCollector(_storage).RunAsync();
        Assert.Empty(report.Blobs);
        Assert.NotNull(await _store.FindBlobAsync("a", layer));

        // The document states no media type, so it is served as plain bytes.
        StoredManifest found = (await _store.FindManifestAsync("a", digest))!;
        Assert.Equal(MediaTypes.OctetStream, found.MediaType);
        Assert.Equal(manifest, found.Bytes.ToArray());
    }

    public static TheoryData<string, string> Unreadable => new()
    {
        { "no JSON", "DIGEST" },
        { "in a string", """{"schemaVersion":3,"x":"see sha256:DIGEST, sha256:sha256:0"}""" },
        { "as a name", """{"sha256:DIGEST":[" """ },
        { "escaped", """{"schemaVersion":3,"x":"sha256\u003aDIGEST"}""" },
        { "cut off", """{"schemaVersion":2,"config":{"digest":"sha256:DIGEST""" },
        { "longer than a push may be", $"{{\"x\":\"{new string('x', 5 << 20)}sha256:DIGEST\"}}" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_a_document_that_cannot_be_read_could_name_stays(string what, string text)
    {
        Digest layer = await BlobAsync("a", "a layer");
        Digest orphan = await BlobAsync("a", "an orphan");
        string hex = what == "no JSON" ? $"sha256:{layer.Hex}" : layer.Hex;
        Digest odd = await LinkAsync("a", Encoding.UTF8.GetBytes(text.Replace("DIGEST", hex, StringComparison.Ordinal)));
        CollectionReport report = await new RegistryCollector(_storage).RunAsync();
        Assert.Equal([orphan], report.Blobs);
        Assert.NotNull(await _store.FindBlobAsync("a", layer));
        Assert.NotNull(await _store.FindManifestAsync("a", odd));
    }

    [Fact]
    public async Task What_a_document_in_another_encoding_could_name_stays()
    {
        Digest layer = await BlobAsync("a", "a layer");
        await LinkAsync("a", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes($"{{\"x\":\"{layer}\"}}")]);
        Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Blobs);
    }

    [Fact]
    public async Task A_blob_known_by_SHA_512_stays_when_a_document_that_cannot_be_read_names_it_so()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("content");
        var digest = Digest.FromHash(DigestAlgorithm.Sha512, System.Security.Cryptography.SHA512.HashData(bytes));
        await BlobAsync("a", "content", digest);
        await LinkAsync("a", Encoding.ASCII.GetBytes($"[{digest}"));
        Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Blobs);
        Assert.Equal(7, await _store.FindBlobAsync("a", digest));
    }

    [Fact]
    public async Task An_untagged_document_that_cannot_be_read_goes_unless_it_could_be_about_a_kept_one()
    {
        StoredManifest kept = await PushAsync("a", "latest", "kept");
        Digest about = await LinkAsync("a", Encoding.ASCII.GetBytes($"{{\"subject\":{{\"digest\":\"{kept.Digest}\""));
        Digest lone = await LinkAsync("a", "{"u8.ToArray());
        CollectionReport report = await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DeleteUntagged = true });
        Assert.Equal([$"a@{lone}"], report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", about));
    }

    [Fact]
    public async Task Blobs_that_an_index_names_stay()
    {
        Digest layer = await BlobAsync("a", "a layer of a cache");
        await _store.PutManifestAsync("a", "cache", null, IndexOf(layer), MediaTypes.OciIndex);
        CollectionReport report = await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DeleteUntagged = true });
        Assert.Empty(report.Blobs);
        Assert.Empty(report.Links);
        Assert.NotNull(await _store.FindBlobAsync("a", layer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:0")]
    [InlineData("a line that is longer than any link ")]
    public async Task A_link_that_was_never_finished_loses_nothing(string content)
    {
        content = content.Length > 20 ? string.Concat(Enumerable.Repeat(content, 20)) : content;
        StoredManifest manifest = await PushAsync("a", "latest", "content");
        StoredManifest older = await PushAsync("a", "other", "older");
        await BreakAsync(RegistryReference.ToManifest("a", manifest.Digest), content);
        await BreakAsync(RegistryReference.OfTag("a", "other"), content);
        CollectionReport report = await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DeleteUntagged = true });
        Assert.Empty(report.Blobs);
        Assert.Empty(report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", older.Digest));

        // A broken link without content comes from a push that never completed.
        await BreakAsync(RegistryReference.ToManifest("a", DigestOf("nothing")), content);
        Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Blobs);
    }

    [Fact]
    public async Task A_damaged_manifest_stops_it_before_anything_is_deleted()
    {
        StoredManifest manifest = await PushAsync("a", "latest", "content");
        await BlobAsync("a", "orphan");
        byte[] damaged = manifest.Bytes.ToArray();
        damaged[^2] ^= 1;
        await _storage.Blobs.WriteAsync(manifest.Digest, damaged);
        string[] before = Files();
        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => new RegistryCollector(_storage).RunAsync());
        Assert.Contains($"a@{manifest.Digest}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Collectors_keep_each_other_out_and_writers_too()
    {
        await PushAsync("a", "latest", "content");
        using (_storage.Lock(StorageUse.Collect))
        {
            await Assert.ThrowsAsync<RootBusyException>(() => new RegistryCollector(_storage).RunAsync());
            Assert.Throws<RootBusyException>(() => _storage.Lock(StorageUse.Write));
            await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DryRun = true });
        }

        using (_storage.Lock(StorageUse.Write))
        using (_storage.Lock(StorageUse.Write))
        {
            RootBusyException busy = await Assert.ThrowsAsync<RootBusyException>(() => new RegistryCollector(_storage).RunAsync());
            Assert.Equal(Environment.ProcessId, busy.ProcessId);
            Assert.False(busy.IsDaemon);
        }

        Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Blobs);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_deletes_nothing()
    {
        StoredManifest dropped = await PushAsync("a", "old", "dropped");
        await _store.DeleteManifestAsync("a", dropped.Digest);
        string[] before = Files();
        CollectionReport dry = await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DryRun = true });
        Assert.Equal(before, Files());
        CollectionReport done = await new RegistryCollector(_storage).RunAsync();
        Assert.Equal(dry.Blobs, done.Blobs);
        Assert.Equal(dry.Bytes, done.Bytes);
    }

    [Fact]
    public async Task Untagged_manifests_go_when_asked_but_not_those_of_an_index_nor_those_about_a_kept_one()
    {
        StoredManifest child = await PushAsync("a", null, "child");
        StoredManifest lone = await PushAsync("a", null, "lone");
        await _store.PutManifestAsync("a", "latest", null, IndexOf(child.Digest), MediaTypes.OciIndex);
        StoredManifest signature = await PushAsync("a", null, "signature", child.Digest);
        await PushAsync("a", null, "signature of the lone one", lone.Digest);
        Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Manifests);

        CollectionReport report = await new RegistryCollector(_storage).RunAsync(new CollectionOptions { DeleteUntagged = true });
        Assert.Equal(2, report.Manifests.Count);
        Assert.NotNull(await _store.FindManifestAsync("a", child.Digest));
        Assert.NotNull(await _store.FindManifestAsync("a", signature.Digest));
        Assert.Null(await _store.FindManifestAsync("a", lone.Digest));
        Assert.Null(await _store.FindBlobAsync("a", DigestOf("lone")));
    }

    [Fact]
    public async Task A_blob_known_by_SHA_512_stays_when_a_manifest_names_it_so()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("content");
        Digest digest = Digest.FromHash(DigestAlgorithm.Sha512, System.Security.Cryptography.SHA512.HashData(bytes));
        await BlobAsync("a", "content", digest);
        byte[] manifest = Encoding.ASCII.GetBytes(
            $$"""{"schemaVersion":2,"config":{"mediaType":"x/y","digest":"{{digest}}","size":7},"layers":[]}""");
        await _store.PutManifestAsync("a", "latest", null, manifest, null);
        CollectionReport report = await new RegistryCollector(_storage).RunAsync();
        Assert.Empty(report.Blobs);
        Assert.Empty(report.Links);
        Assert.Equal(7, await _store.FindBlobAsync("a", digest));
    }

    [Fact]
    public async Task Uploads_are_given_up_after_their_time()
    {
        await using (RegistryUpload upload = await _store.BeginUploadAsync("never/pushed"))
        {
            Assert.Empty((await new RegistryCollector(_storage).RunAsync()).Uploads);
        }

        string folder = Directory.GetDirectories(Path.Combine(_root, "docker/registry/v2/repositories/never/pushed/_uploads")).Single();
        await File.WriteAllTextAsync(Path.Combine(folder, "startedat"), "2020-01-02T03:04:05Z");
        Assert.Single((await new RegistryCollector(_storage).RunAsync()).Uploads);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_stops_it_before_anything_is_deleted()
    {
        StoredManifest manifest = await PushAsync("a", "latest", "content");
        await BlobAsync("a", "orphan");
        string hex = manifest.Digest.Hex;
        File.Delete(Path.Combine(_root, "docker/registry/v2/blobs/sha256", hex[..2], hex, "data"));
        string[] before = Files();
        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => new RegistryCollector(_storage).RunAsync());
        Assert.Contains($"a@{manifest.Digest}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    private static Digest DigestOf(string content) => Digest.OfSha256(Encoding.ASCII.GetBytes(content));

    private static byte[] IndexOf(Digest manifest) => Encoding.ASCII.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{manifest}}","size":1}]}""");

    private string[] Files() => [.. Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task<Digest> BlobAsync(string repository, string content, Digest? name = null)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(content);
        Digest digest = name ?? Digest.OfSha256(bytes);
        await using RegistryUpload upload = await _store.BeginUploadAsync(repository);
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(bytes)));
        await upload.CommitAsync(digest);
        return digest;
    }

    // Leaves a link as docker-registry does when it is interrupted, or as any other program might.
    private async Task BreakAsync(RegistryReference reference, string content)
    {
        string path = Path.Combine(RegistryPaths.Folder(_root), RegistryPaths.Of(reference));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content);
    }

    // Stores a document that another registry might have accepted.
    private async Task<Digest> LinkAsync(string repository, byte[] document)
    {
        var digest = Digest.OfSha256(document);
        await _storage.Blobs.WriteAsync(digest, document);
        await _storage.References.WriteAsync(RegistryReference.ToManifest(repository, digest), digest);
        return digest;
    }

    private async Task<StoredManifest> PushAsync(string repository, string? tag, string layer, Digest? subject = null)
    {
        Digest config = await BlobAsync(repository, "{}");
        Digest digest = await BlobAsync(repository, layer);
        string about = subject is null ? "" : $$""","subject":{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{subject}}","size":1}""";
        byte[] manifest = Encoding.ASCII.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{config}}","size":2},"layers":[{"mediaType":"x/y","digest":"{{digest}}","size":{{layer.Length}}}]{{about}}}
            """);
        return await _store.PutManifestAsync(repository, tag, null, manifest, MediaTypes.OciManifest);
    }
}
