using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Indexes, artifacts and what refers to them, copied as they are.</summary>
[SupportedOSPlatform("linux")]
public sealed class IndexCopyTests : IDisposable
{
    private const string Repository = "registry.example/app";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("oci")]
    [InlineData("oci-archive")]
    public async Task An_index_is_copied_with_all_its_members(string transport)
    {
        IndexedLayout layout = Layout();
        CopyResult copied = await CopyAsync(At("oci", "layout:1"), At(transport, "copy:2"));
        Assert.Equal(layout.Index.Digest, copied.Digest);
        Assert.Equal(7, copied.Manifests);
        Assert.Equal(7, copied.NewManifests);

        // Without what refers to them.
        await CopyAsync(At(transport, "copy:2"), At("oci", "again:1"));
        Assert.DoesNotContain($"{layout.Signature}", IndexedLayout.DigestsIn(_folder["again"]));
        Assert.Contains($"{layout.Images[2].Digest}", IndexedLayout.DigestsIn(_folder["again"]));
    }

    [Theory]
    [InlineData("oci", true)]
    [InlineData("oci-archive", true)]
    [InlineData("docker", true)]
    [InlineData("docker", false)]
    public async Task Everything_that_refers_to_an_index_is_copied_unchanged(string transport, bool listsReferrers)
    {
        IndexedLayout layout = Layout();
        var registry = new MemoryRegistry(listsReferrers);
        string there = transport == "docker" ? $"docker://{Repository}:1" : At(transport, "there:1");
        CopyResult copied = await CopyAllAsync(At("oci", "layout:1"), there, registry);
        Assert.Equal(IndexedLayout.ManifestCount, copied.NewManifests);
        await CopyAllAsync(there, At("oci", "back:1"), registry);
        Assert.Equal(layout.Digests, IndexedLayout.DigestsIn(_folder["back"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_copy_sends_nothing(bool listsReferrers)
    {
        Layout();
        var registry = new MemoryRegistry(listsReferrers);
        await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
        registry.Writes.Clear();
        CopyResult again = await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
        Assert.Empty(registry.Writes);
        Assert.Equal((IndexedLayout.ManifestCount, 0, 0, 0), (again.Manifests, again.NewManifests, again.NewBlobs, again.SentBytes));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 5)]
    public async Task A_copy_that_was_cut_anywhere_sends_no_blob_twice(bool listsReferrers, int step)
    {
        IndexedLayout layout = Layout();
        for (int allowed = 0, cuts = 1; cuts > 0; allowed += step)
        {
            // Every write after the first ones fails; then the same copy runs to its end.
            var registry = new MemoryRegistry(listsReferrers) { WritesAllowed = allowed };
            cuts = 0;
            try
            {
                await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
            }
            catch (RegistryException)
            {
                cuts++;
                Assert.DoesNotContain("1", registry.Tags(Repository).Keys);
            }

            registry.WritesAllowed = int.MaxValue;
            await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
            string[] blobs = [.. registry.Writes.Where(line => registry.Blobs(Repository).Contains(line[4..]))];
            Assert.Equal(blobs.Distinct(), blobs);
            await CopyAllAsync($"docker://{Repository}:1", At("oci", "back:1"), registry);
            Assert.Equal(layout.Digests, IndexedLayout.DigestsIn(_folder["back"]));
            Directory.Delete(_folder["back"], recursive: true);
        }
    }

    [Fact]
    public async Task A_layout_keeps_the_blobs_of_a_copy_that_failed()
    {
        IndexedLayout layout = Layout();
        layout.Lose(layout.Images[2].Digest);
        await Assert.ThrowsAsync<NotFoundException>(() => CopyAsync(At("oci", "layout:1"), At("oci", "copy:1")));
        Assert.False(File.Exists(_folder["copy/index.json"]));
        Assert.Contains($"{layout.Images[0].Digest}", IndexedLayout.DigestsIn(_folder["copy"]));
    }

    [Fact]
    public async Task Blobs_are_mounted_from_another_repository_of_the_registry()
    {
        Layout();
        var registry = new MemoryRegistry();
        await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
        registry.Writes.Clear();
        CopyResult copied = await CopyAllAsync($"docker://{Repository}:1", "docker://registry.example/other:1", registry);
        Assert.Equal((IndexedLayout.ManifestCount, 0), (copied.NewManifests, copied.NewBlobs));
        Assert.Equal(registry.Blobs(Repository), registry.Blobs("registry.example/other"));
        Assert.DoesNotContain(registry.Writes, line => registry.Blobs(Repository).Contains(line.Replace("PUT ", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Members_that_the_source_lacks_are_named(bool fromRegistry)
    {
        IndexedLayout layout = Layout();
        var registry = new MemoryRegistry();
        await CopyAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
        layout.Lose(layout.Images[1].Digest);
        registry.Lose(Repository, layout.Images[1].Digest);
        string source = fromRegistry ? $"docker://{Repository}:1" : At("oci", "layout:1");
        NotFoundException fault = await Assert.ThrowsAsync<NotFoundException>(
            () => CopyAsync(source, "docker://other.example/app:1", registry));
        Assert.EndsWith(
            $"the index {layout.Index.Digest} is not complete, it lacks {layout.Images[1].Digest} (linux/arm64); " +
            "--platform copies one that is there",
            fault.Message,
            StringComparison.Ordinal);
        Assert.Empty(registry.Tags("other.example/app"));

        // What is there can be copied.
        await CopyAsync(source, "docker://other.example/app:1", registry, new CopyOptions { Platform = layout.Images[2].Platform });
        Assert.Equal(layout.Images[2].Digest, registry.Read("other.example/app", "1").Digest);
    }

    [Fact]
    public async Task A_missing_layer_is_named()
    {
        IndexedLayout layout = Layout();
        Descriptor layer = (await ReadImageAsync(layout.Images[0])).Layers[0];
        layout.Lose(layer.Digest);
        NotFoundException fault = await Assert.ThrowsAsync<NotFoundException>(
            () => CopyAsync(At("oci", "layout:1"), $"docker://{Repository}:1", new MemoryRegistry()));
        Assert.Contains($"lacks {layer.Digest}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_referrer_that_is_listed_and_missing_is_named_after_the_rest_was_copied()
    {
        IndexedLayout layout = Layout();
        var registry = new MemoryRegistry(listsReferrers: false);
        await CopyAllAsync(At("oci", "layout:1"), $"docker://{Repository}:1", registry);
        registry.Lose(Repository, layout.Signature);
        NotFoundException fault = await Assert.ThrowsAsync<NotFoundException>(
            () => CopyAllAsync($"docker://{Repository}:1", "docker://other.example/app:1", registry));
        Assert.Contains($"missing: {layout.Signature}", fault.Message, StringComparison.Ordinal);
        Assert.Equal($"{layout.Index.Digest}", registry.Tags("other.example/app")["1"]);
    }

    [Theory]
    [InlineData("docker-archive:{0}:app:1")]
    [InlineData("docker-data:{0}//app:1")]
    public async Task A_target_that_holds_images_takes_one_and_says_which(string target)
    {
        Layout();
        var notices = new Notices();
        CopyResult copied = await CopyAsync(
            At("oci", "layout:1"),
            target.Replace("{0}", _folder["target"], StringComparison.Ordinal),
            options: new CopyOptions { Driver = "vfs", Notices = notices });
        Assert.Equal(Platform.Current.Architecture, copied.Platform!.Architecture);
        Assert.EndsWith($": cannot hold an index; copying the image for {copied.Platform}", Assert.Single(notices.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker-archive:{0}:app:1")]
    [InlineData("docker-data:{0}//app:1")]
    public async Task None_is_chosen_of_several_without_a_platform(string target)
    {
        IndexedLayout layout = Layout();
        layout.Add(
            ManifestWriter.Index(MediaTypes.OciIndex, [.. layout.Images.Select(image => image with { Platform = null })]), "bundle");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => CopyAsync(At("oci", "layout:bundle"), target.Replace("{0}", _folder["target"], StringComparison.Ordinal)));
        Assert.Contains("is an index of 3 manifests without a platform, so none can be chosen", fault.Message, StringComparison.Ordinal);
        CopyResult copied = await CopyAsync(At("oci", "layout:bundle"), At("oci", "copy:bundle"));
        Assert.Equal(4, copied.Manifests);
    }

    [Fact]
    public async Task An_index_keeps_its_compression_and_its_format()
    {
        IndexedLayout layout = Layout();
        foreach (CopyOptions options in (CopyOptions[])
            [new() { Compression = CompressionKind.Zstd }, new() { Format = ManifestFormat.Docker }])
        {
            MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
                () => CopyAsync(At("oci", "layout:1"), At("oci", "copy:1"), options: options));
            Assert.EndsWith(
                ": is an index, which is copied as it is; --platform chooses one image, whose compression or format can change",
                fault.Message,
                StringComparison.Ordinal);
        }

        CopyResult copied = await CopyAsync(
            At("oci", "layout:1"),
            At("oci", "copy:1"),
            options: new CopyOptions { Compression = CompressionKind.Zstd, Platform = layout.Images[1].Platform });
        Assert.NotEqual(layout.Images[1].Digest, copied.Digest);
    }

    [Fact]
    public async Task An_index_that_demands_too_much_is_refused()
    {
        IndexedLayout layout = Layout();
        ImageIndex deep = layout.Index;
        for (int depth = 0; depth < Limits.Default.ManifestDepth; depth++)
        {
            deep = ManifestWriter.Index(MediaTypes.OciIndex, [deep.Describe()]);
            layout.Add(deep, $"deep{depth}");
        }

        await ExceedsAsync("layout:deep7", new Limits(), nameof(Limits.ManifestDepth));
        await ExceedsAsync("layout:1", new Limits { CopiedManifests = 4 }, nameof(Limits.CopiedManifests));
        await ExceedsAsync("layout:1", new Limits { CopiedBytes = 1000 }, nameof(Limits.CopiedBytes));
        ImageManifest image = await ReadImageAsync(layout.Images[0]);
        layout.Add(
            ManifestWriter.Image(MediaTypes.OciManifest, image.Config, [image.Layers[0] with { Size = long.MaxValue }]), "huge");
        layout.Add(ManifestWriter.Index(MediaTypes.OciIndex, [(await ReadAsync("huge")).Describe()]), "index");
        await ExceedsAsync("layout:index", new Limits(), nameof(Limits.CopiedBytes));
        await CopyAsync(At("oci", "layout:deep6"), At("oci", "deep:1"));
    }

    [Fact]
    public async Task What_a_list_of_referrers_names_beside_them_is_not_copied()
    {
        IndexedLayout layout = Layout();
        ImageManifest stranger = ManifestWriter.Artifact("application/vnd.stranger", []);
        layout.Add(stranger, "stranger");
        layout.Add(ManifestWriter.Index(MediaTypes.OciIndex, [stranger.Describe()]), $"sha256-{layout.Index.Digest.Hex}");
        await CopyAllAsync(At("oci", "layout:1"), At("oci", "copy:1"));
        Assert.DoesNotContain($"{stranger.Digest}", IndexedLayout.DigestsIn(_folder["copy"]));
        Assert.Contains($"{layout.Signature}", IndexedLayout.DigestsIn(_folder["copy"]));
    }

    [Fact]
    public async Task A_layout_with_referrers_still_has_one_image()
    {
        IndexedLayout layout = Layout(refName: null);
        CopyResult copied = await CopyAsync(At("oci", "layout"), At("oci-archive", "copy:1"));
        Assert.Equal(layout.Index.Digest, copied.Digest);
        copied = await CopyAsync(At("oci-archive", "copy"), $"docker-archive:{_folder["image.tar"]}:app:1");
        Assert.NotNull(copied.Platform);
        using ImageArchive archive = await ImageArchive.OpenAsync(_folder["layout"]);
        Assert.Single(archive.Images);
    }

    [Fact]
    public async Task Docker_lists_and_their_images_stay_what_they_are()
    {
        IndexedLayout layout = Layout();
        ImageManifest image = await ReadImageAsync(layout.Images[0]);
        ImageManifest docker = ManifestWriter.DockerImage(image.Config, [image.Layers[0] with { MediaType = MediaTypes.DockerLayer }]);
        layout.Add(docker, "docker");
        ImageIndex list = ManifestWriter.Index(MediaTypes.DockerList, [docker.Describe() with { Platform = layout.Images[0].Platform }]);
        layout.Add(list, "list");
        var registry = new MemoryRegistry();
        await CopyAsync(At("oci", "layout:list"), $"docker://{Repository}:1", registry);
        CopyResult copied = await CopyAsync($"docker://{Repository}:1", At("oci", "copy:1"), registry);
        Assert.Equal(list.Digest, copied.Digest);
        Assert.Equal(list.Bytes.ToArray(), await File.ReadAllBytesAsync(_folder[$"copy/blobs/sha256/{list.Digest.Hex}"]));
    }

    private async Task ExceedsAsync(string source, Limits limits, string limit)
    {
        LimitExceededException fault = await Assert.ThrowsAsync<LimitExceededException>(
            () => CopyAsync(At("oci", source), At("oci", $"{limit}:1"), options: new CopyOptions { Limits = limits }));
        Assert.Equal(limit, fault.Limit);
    }

    private async Task<ImageManifest> ReadImageAsync(Descriptor image) =>
        (ImageManifest)Manifest.Parse(await File.ReadAllBytesAsync(_folder[$"layout/blobs/sha256/{image.Digest.Hex}"]));

    private async Task<Manifest> ReadAsync(string refName)
    {
        var index = (ImageIndex)Manifest.ParseIndex(await File.ReadAllBytesAsync(_folder["layout/index.json"]), Limits.Default);
        Descriptor entry = index.Manifests.Single(one => one.Annotations?["org.opencontainers.image.ref.name"] == refName);
        return Manifest.Parse(await File.ReadAllBytesAsync(_folder[$"layout/blobs/sha256/{entry.Digest.Hex}"]));
    }

    private IndexedLayout Layout(string? refName = "1") => new(_folder["layout"], refName);

    private string At(string transport, string name) => $"{transport}:{_folder[name]}";

    private static Task<CopyResult> CopyAllAsync(string source, string target, MemoryRegistry? registry = null) =>
        CopyAsync(source, target, registry, new CopyOptions { WithReferrers = true });

    private static async Task<CopyResult> CopyAsync(
        string source, string target, MemoryRegistry? registry = null, CopyOptions? options = null)
    {
        using RegistryClient client = (registry ?? new MemoryRegistry()).Client();
        return await ImageCopier.CopyAsync(
            ImagePlace.Parse(source), ImagePlace.Parse(target), (options ?? new CopyOptions()) with { Client = client });
    }

    private sealed class Notices : IProgress<string>
    {
        public List<string> Lines { get; } = [];

        public void Report(string value) => Lines.Add(value);
    }
}
