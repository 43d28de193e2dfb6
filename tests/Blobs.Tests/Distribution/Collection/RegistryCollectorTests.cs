using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Distribution.Collection;

[SupportedOSPlatform("linux")]
public sealed class RegistryCollectorTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"blobs-collector-{Guid.NewGuid():n}");
    private static readonly CollectionOptions Now = new() { MinimumAge = TimeSpan.Zero };
    private static readonly CollectionOptions Untagged = Now with { Untagged = true };

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

        Collected report = await Collected.RunAsync(_storage);
        Assert.Equal(
            new[] { dropped.Digest, DigestOf("dropped"), orphan }.Order(), report.Blobs);
        Assert.Equal([$"a@{DigestOf("dropped")}", $"b@{orphan}"], report.Links);
        Assert.Empty(report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", "latest"));
        Assert.NotNull(await _store.FindBlobAsync("a", DigestOf("kept")));
        Assert.Null(await _store.FindBlobAsync("a", DigestOf("dropped")));
        Assert.Null(await _store.FindBlobAsync("b", orphan));
        Assert.Equal(3, report.Report.KeptBlobs);
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

        Collected report = await Collected.RunAsync(_storage);
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
        Collected report = await Collected.RunAsync(_storage);
        Assert.Equal([orphan], report.Blobs);
        Assert.NotNull(await _store.FindBlobAsync("a", layer));
        Assert.NotNull(await _store.FindManifestAsync("a", odd));
    }

    [Fact]
    public async Task What_a_document_in_another_encoding_could_name_stays()
    {
        Digest layer = await BlobAsync("a", "a layer");
        await LinkAsync("a", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes($"{{\"x\":\"{layer}\"}}")]);
        Assert.Empty((await Collected.RunAsync(_storage)).Blobs);
    }

    [Fact]
    public async Task A_blob_known_by_SHA_512_stays_when_a_document_that_cannot_be_read_names_it_so()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("content");
        var digest = Digest.FromHash(DigestAlgorithm.Sha512, System.Security.Cryptography.SHA512.HashData(bytes));
        await BlobAsync("a", "content", digest);
        await LinkAsync("a", Encoding.ASCII.GetBytes($"[{digest}"));
        Assert.Empty((await Collected.RunAsync(_storage)).Blobs);
        Assert.Equal(7, await _store.FindBlobAsync("a", digest));
    }

    [Fact]
    public async Task An_untagged_document_that_cannot_be_read_goes_unless_it_could_be_about_a_kept_one()
    {
        StoredManifest kept = await PushAsync("a", "latest", "kept");
        Digest about = await LinkAsync("a", Encoding.ASCII.GetBytes($"{{\"subject\":{{\"digest\":\"{kept.Digest}\""));
        Digest lone = await LinkAsync("a", "{"u8.ToArray());
        Collected report = await Collected.RunAsync(_storage, Untagged);
        Assert.Equal([$"a@{lone}"], report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", about));
    }

    [Fact]
    public async Task Blobs_that_an_index_names_stay()
    {
        Digest layer = await BlobAsync("a", "a layer of a cache");
        await _store.PutManifestAsync("a", "cache", null, IndexOf(layer), MediaTypes.OciIndex);
        Collected report = await Collected.RunAsync(_storage, Untagged);
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
        Collected report = await Collected.RunAsync(_storage, Untagged);
        Assert.Empty(report.Blobs);
        Assert.Empty(report.Manifests);
        Assert.NotNull(await _store.FindManifestAsync("a", older.Digest));

        // A broken link without content comes from a push that never completed.
        await BreakAsync(RegistryReference.ToManifest("a", DigestOf("nothing")), content);
        Assert.Empty((await Collected.RunAsync(_storage)).Blobs);
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
        StoreException fault = await Assert.ThrowsAsync<StoreException>(() => Collected.RunAsync(_storage));
        Assert.Contains($"a@{manifest.Digest}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Collectors_keep_each_other_out_but_not_writers()
    {
        await PushAsync("a", "latest", "content");
        await using (await _storage.BeginDeletionAsync())
        {
            RootBusyException busy = await Assert.ThrowsAsync<RootBusyException>(() => Collected.RunAsync(_storage));
            Assert.Equal(Environment.ProcessId, busy.ProcessId);
            Assert.False(busy.IsDaemon);
            await PushAsync("a", "latest", "more");
            await Collected.RunAsync(_storage, Now with { DryRun = true });
            await Assert.ThrowsAsync<RootBusyException>(
                () => Collected.RunAsync(_storage, Now with { Wait = TimeSpan.FromMilliseconds(1) }));
        }

        Assert.Empty((await Collected.RunAsync(_storage)).Manifests);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_deletes_nothing()
    {
        StoredManifest dropped = await PushAsync("a", "old", "dropped");
        await _store.DeleteManifestAsync("a", dropped.Digest);
        string[] before = Files();
        Collected dry = await Collected.RunAsync(_storage, Now with { DryRun = true });
        Assert.Equal(before, Files());
        Collected done = await Collected.RunAsync(_storage);
        Assert.Equal(dry.All, done.All);
    }

    [Fact]
    public async Task Untagged_manifests_go_when_asked_but_not_those_of_an_index_nor_those_about_a_kept_one()
    {
        StoredManifest child = await PushAsync("a", null, "child");
        StoredManifest lone = await PushAsync("a", null, "lone");
        await _store.PutManifestAsync("a", "latest", null, IndexOf(child.Digest), MediaTypes.OciIndex);
        StoredManifest signature = await PushAsync("a", null, "signature", child.Digest);
        await PushAsync("a", null, "signature of the lone one", lone.Digest);
        Assert.Empty((await Collected.RunAsync(_storage)).Manifests);

        Collected report = await Collected.RunAsync(_storage, Untagged);
        Assert.Equal(2, report.Manifests.Length);
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
        Collected report = await Collected.RunAsync(_storage);
        Assert.Empty(report.Blobs);
        Assert.Empty(report.Links);
        Assert.Equal(7, await _store.FindBlobAsync("a", digest));
    }

    [Fact]
    public async Task Uploads_are_given_up_after_their_time()
    {
        await using (RegistryUpload upload = await _store.BeginUploadAsync("never/pushed"))
        {
            Assert.Empty((await Collected.RunAsync(_storage)).Uploads);
        }

        string folder = Directory.GetDirectories(Path.Combine(_root, "docker/registry/v2/repositories/never/pushed/_uploads")).Single();
        await File.WriteAllTextAsync(Path.Combine(folder, "startedat"), "2020-01-02T03:04:05Z");
        Assert.Single((await Collected.RunAsync(_storage)).Uploads);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_manifest_that_has_lost_its_bytes_stays_while_a_tag_names_it_and_is_reported()
    {
        StoredManifest manifest = await PushAsync("a", "latest", "content");
        Digest orphan = await BlobAsync("a", "orphan");
        string hex = manifest.Digest.Hex;
        File.Delete(Path.Combine(_root, "docker/registry/v2/blobs/sha256", hex[..2], hex, "data"));
        Collected report = await Collected.RunAsync(_storage);
        Assert.Equal([$"a@{manifest.Digest}"], report.Report.Broken);
        Assert.Contains(orphan, report.Blobs);
        Assert.Empty(report.Manifests);
        await _store.DeleteTagAsync("a", "latest");
        Assert.Equal([$"a@{manifest.Digest}"], (await Collected.RunAsync(_storage)).Manifests);
        Assert.Empty((await Collected.RunAsync(_storage)).All);
    }

    [Fact]
    public async Task A_manifest_that_lacks_a_blob_goes_unless_a_tag_or_an_index_names_it()
    {
        StoredManifest tagged = await PushAsync("a", "latest", "of the tagged one");
        StoredManifest child = await PushAsync("a", null, "of the child");
        StoredManifest lone = await PushAsync("a", null, "of the lone one");
        await _store.PutManifestAsync("a", "index", null, IndexOf(child.Digest), MediaTypes.OciIndex);
        await _storage.Blobs.DeleteAsync(DigestOf("of the tagged one"));
        await _store.DeleteBlobAsync("a", DigestOf("of the child"));
        await _store.DeleteBlobAsync("a", DigestOf("of the lone one"));
        Collected report = await Collected.RunAsync(_storage);
        Assert.Equal([$"a@{lone.Digest}"], report.Manifests);
        Assert.Equal(new[] { $"a@{tagged.Digest}", $"a@{child.Digest}" }.Order(StringComparer.Ordinal), report.Report.Broken);
        Assert.Contains(DigestOf("of the lone one"), report.Blobs);
        Assert.DoesNotContain(DigestOf("of the child"), report.Blobs);
        Assert.Empty((await Collected.RunAsync(_storage)).All);
    }

    [Fact]
    public async Task What_is_young_stays()
    {
        Digest orphan = await BlobAsync("a", "orphan");
        Collected report = await Collected.RunAsync(_storage, new CollectionOptions());
        Assert.Empty(report.All);
        Assert.True(report.Report.Young > 0);
        Assert.NotNull(await _store.FindBlobAsync("a", orphan));
    }

    [Fact]
    public async Task A_link_that_nothing_needs_goes_and_leaves_the_bytes_to_the_repository_that_needs_them()
    {
        await PushAsync("a", "latest", "shared");
        await _store.MountBlobAsync("b", DigestOf("shared"), "a");
        Collected report = await Collected.RunAsync(_storage);
        Assert.Equal([$"b@{DigestOf("shared")}"], report.Links);
        Assert.Empty(report.Blobs);
        Assert.NotNull(await _store.FindBlobAsync("a", DigestOf("shared")));
        Assert.Null(await _store.FindBlobAsync("b", DigestOf("shared")));
    }

    [Fact]
    public async Task Tags_go_by_their_number_and_age_and_what_only_they_kept_goes_too()
    {
        foreach (int number in Enumerable.Range(1, 5))
        {
            await PushAsync("ci/app", $"v{number}", $"content {number}");
            await PushAsync("app", $"v{number}", $"content {number}");
            await Task.Delay(20);
        }

        CollectionOptions options = Untagged with { Retention = new TagRetention { KeepTags = 2, Repositories = ["ci/*"] } };
        Collected dry = await Collected.RunAsync(_storage, options with { DryRun = true });
        Collected done = await Collected.RunAsync(_storage, options);
        Assert.Equal(["ci/app:v1", "ci/app:v2", "ci/app:v3"], done.Tags);
        Assert.Equal(3, done.Manifests.Length);
        Assert.Equal(dry.All, done.All);
        Assert.Equal(["v4", "v5"], (await _store.ListTagsAsync("ci/app"))!.Items);
        Assert.Equal(5, (await _store.ListTagsAsync("app"))!.Items.Count);

        CollectionOptions both = options with
        {
            Retention = new TagRetention { KeepTags = 1, OlderThan = TimeSpan.FromHours(1) },
        };
        Assert.Empty((await Collected.RunAsync(_storage, both)).Tags);
        Assert.Equal(
            ["app:v1", "app:v2", "app:v3", "app:v4", "ci/app:v4"],
            (await Collected.RunAsync(_storage, both with { Retention = both.Retention with { OlderThan = TimeSpan.Zero } })).Tags);
        Assert.NotNull(await _store.FindManifestAsync("app", "v5"));
    }

    [Fact]
    public async Task Retention_without_untagged_removes_tags_alone()
    {
        StoredManifest manifest = await PushAsync("a", "old", "content");
        Collected report = await Collected.RunAsync(
            _storage, Now with { Retention = new TagRetention { OlderThan = TimeSpan.Zero } });
        Assert.Equal(["a:old"], report.Tags);
        Assert.Empty(report.Blobs);
        Assert.NotNull(await _store.FindManifestAsync("a", manifest.Digest));
    }

    [Fact]
    public async Task A_tag_that_names_nothing_goes()
    {
        await PushAsync("a", "latest", "content");
        Digest nothing = DigestOf("nothing");
        await _storage.References.WriteAsync(RegistryReference.OfTag("a", "dangling"), nothing);
        Assert.Equal(["a:dangling"], (await Collected.RunAsync(_storage)).Tags);
        Assert.NotNull(await _store.FindManifestAsync("a", "latest"));
    }

    [Fact]
    public async Task The_record_of_a_referrer_goes_with_its_manifest()
    {
        StoredManifest image = await PushAsync("a", "latest", "image");
        StoredManifest signature = await PushAsync("a", null, "signature", image.Digest);
        Assert.Single((await _storage.References.ListAsync("a", ReferenceKind.Referrer, default)).Items);
        await _store.DeleteManifestAsync("a", signature.Digest);
        await Collected.RunAsync(_storage);
        Assert.Empty((await _storage.References.ListAsync("a", ReferenceKind.Referrer, default)).Items);
    }

    [Fact]
    public async Task Requests_are_sent_no_faster_than_asked_for()
    {
        await PushAsync("a", "latest", "content");
        await BlobAsync("a", "orphan");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Collected report = await Collected.RunAsync(_storage, Now with { RequestsPerSecond = 100 });
        Assert.Single(report.Blobs);
        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(100), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task Records_of_old_runs_are_deleted()
    {
        await PushAsync("a", "latest", "content");
        for (int run = 0; run < 5; run++)
        {
            await BlobAsync("a", $"orphan {run}");
            Assert.Single((await Collected.RunAsync(_storage)).Blobs);
        }

        IReadOnlyList<string> names = (await _storage.Records!.ListAsync("runs", default)).Items;
        Assert.All(names, name => Assert.True(string.CompareOrdinal(name, "runs/000000000004") > 0, name));
        Assert.NotEmpty(names);
    }

    private static Digest DigestOf(string content) => Digest.OfSha256(Encoding.ASCII.GetBytes(content));

    private static byte[] IndexOf(Digest manifest) => Encoding.ASCII.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{manifest}}","size":1}]}""");

    private string[] Files() => [.. Directory.GetFiles(_root, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/gc/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

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
