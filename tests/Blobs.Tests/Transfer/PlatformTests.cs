using System.Text;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>One name for several platforms, in every kind of source: a layout, a seekable archive, a streamed one, a
/// registry.</summary>
public sealed class PlatformTests : IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string> Ways => [.. new[] { "folder", "file", "stream", "copy", "pull" }];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_machine_of_x86_64_takes_the_plain_image_wherever_it_stands(string way)
    {
        Assert.Equal("plain", await TakeAsync(way, null, ("linux/amd64/v3", "v3"), ("linux/amd64", "plain"), ("linux/arm64", "arm")));
        Assert.Equal("plain", await TakeAsync(way, null, ("linux/arm64", "arm"), ("linux/amd64", "plain"), ("linux/amd64/v3", "v3")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_requested_platform_is_chosen(string way)
    {
        Assert.Equal("v2", await TakeAsync(way, "linux/amd64/v3", ("linux/amd64", "plain"), ("linux/amd64/v2", "v2"), ("linux/amd64/v4", "v4")));
        Assert.Equal("arm", await TakeAsync(way, "linux/aarch64", ("linux/amd64", "plain"), ("linux/arm64/v8", "arm")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_index_for_other_platforms_is_refused_with_what_there_is(string way)
    {
        BlobsException error = await Assert.ThrowsAnyAsync<BlobsException>(() => TakeAsync(
            way, null, ("linux/amd64/v3", "v3"), ("unknown/unknown", "attestation"), ("linux/arm64", "arm")));
        Assert.EndsWith("there is no image for linux/amd64, only for linux/amd64/v3, linux/arm64", error.Message, StringComparison.Ordinal);
        Assert.Equal("v3", await TakeAsync(way, "linux/amd64/v3", ("linux/amd64/v3", "v3")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_image_for_another_platform_than_was_asked_for_is_refused(string way)
    {
        // It stands by itself: only its config says what it is for.
        BlobsException error = await Assert.ThrowsAnyAsync<BlobsException>(() => TakeAsync(way, "linux/arm64", (null, "plain")));
        Assert.EndsWith("there is no image for linux/arm64, only for linux/amd64", error.Message, StringComparison.Ordinal);
        Assert.Equal("plain", await TakeAsync(way, "linux/amd64/v3", (null, "plain")));
        Assert.Equal("plain", await TakeAsync(way, null, (null, "plain")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("linux/amd64/v2")]
    public async Task Names_that_a_layout_has_several_times_are_one_image(string? wanted)
    {
        // Without an index of its own, as some tools write it.
        var blobs = new Dictionary<Digest, byte[]>();
        Descriptor[] offered = [.. new[] { ("linux/amd64/v2", "v2"), ("linux/amd64", "plain") }.Select(one => Add(blobs, one.Item1, one.Item2) with
        {
            Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = "app:1" },
        })];
        TakenImage taken = Assert.Single(await ImageLoader.LoadAsync(
            new MemoryStream(ArchiveOf(blobs, ManifestWriter.Index(MediaTypes.OciIndex, offered))), "archive", Root(), Options(wanted)));
        Assert.Equal(Config(wanted is null ? "plain" : "v2").Id, taken.Id);
    }

    [Fact]
    public async Task Another_image_of_a_layout_may_be_for_whatever_platform()
    {
        var blobs = new Dictionary<Digest, byte[]>();
        string path = _folder["archive"];
        await File.WriteAllBytesAsync(path, ArchiveOf(blobs, ManifestWriter.Index(
            MediaTypes.OciIndex,
            [
                Named(AddIndex(blobs, [Add(blobs, "linux/amd64/v3", "v3")]), "other"),
                Named(Add(blobs, "linux/amd64", "plain"), "app:1"),
            ])));
        CopyResult copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci-archive:{path}:app:1"), ImagePlace.Parse($"docker-archive:{_folder["out"]}:app:1"));
        Assert.Equal(Config("plain").Id, copied.Image!.Id);
        await Assert.ThrowsAsync<MalformedDataException>(() => ImageLoader.LoadAsync(path, Root()));
    }

    [Fact]
    public async Task Images_without_names_are_several_images()
    {
        var blobs = new Dictionary<Digest, byte[]>();
        ImageIndex index = ManifestWriter.Index(
            MediaTypes.OciIndex, [Add(blobs, null, "one"), Add(blobs, "linux/arm64", "arm"), Add(blobs, "linux/amd64", "two")]);
        IReadOnlyList<TakenImage> taken = await ImageLoader.LoadAsync(new MemoryStream(ArchiveOf(blobs, index)), "archive", Root());
        Assert.Equal([Config("one").Id, Config("two").Id], taken.Select(image => image.Id));
    }

    [Fact]
    public async Task An_image_of_docker_save_is_taken_when_its_config_is_for_the_platform()
    {
        byte[] archive = SampleImage.Of("one").DockerArchive();
        Assert.Single(await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", Root(), Options("linux/amd64/v3")));
        MalformedDataException error = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageLoader.LoadAsync(new MemoryStream(archive), "archive", Root(), Options("linux/s390x")));
        Assert.Equal("archive: there is no image for linux/s390x, only for linux/amd64", error.Message);
    }

    // What was taken, told by its only layer.
    private async Task<string> TakeAsync(string way, string? wanted, params (string? Platform, string Text)[] offered)
    {
        var blobs = new Dictionary<Digest, byte[]>();
        Descriptor[] images = [.. offered.Select(one => Add(blobs, one.Platform, one.Text))];
        Descriptor top = offered is [(null, _)] ? images[0] : AddIndex(blobs, images);
        var names = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = "app:1" };
        byte[] archive = ArchiveOf(blobs, ManifestWriter.Index(MediaTypes.OciIndex, [top with { Annotations = names }]));
        string path = _folder["archive"];
        await File.WriteAllBytesAsync(path, archive);
        Platform? platform = Options(wanted).Platform;
        Digest id = way switch
        {
            "file" => (await ImageLoader.LoadAsync(path, Root(), Options(wanted)))[0].Id,
            "stream" => (await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", Root(), Options(wanted)))[0].Id,
            "folder" => (await ImageLoader.LoadAsync(Unpacked(blobs, top with { Annotations = names }), Root(), Options(wanted)))[0].Id,
            "copy" => (await ImageCopier.CopyAsync(
                ImagePlace.Parse($"oci-archive:{path}:app:1"),
                ImagePlace.Parse($"docker-data:{_folder[$"root{Guid.NewGuid():n}"]}//app:1"),
                new CopyOptions { Platform = platform })).Image!.Id,
            _ => await PullAsync(blobs, top, platform),
        };
        return Assert.Single(offered, one => Config(one.Text).Id == id).Text;
    }

    private async Task<Digest> PullAsync(Dictionary<Digest, byte[]> blobs, Descriptor top, Platform? platform)
    {
        var fake = new FakeRegistry();
        fake.On("GET /v2/app/manifests/1", _ => FakeRegistry.Bytes(blobs[top.Digest], top.MediaType));
        foreach ((Digest digest, byte[] bytes) in blobs)
        {
            fake.On($"GET /v2/app/manifests/{digest}", _ => FakeRegistry.Bytes(bytes, "application/json"))
                .On($"GET /v2/app/blobs/{digest}", _ => FakeRegistry.Bytes(bytes));
        }

        using RegistryClient client = fake.Client();
        return (await ImagePuller.PullAsync(client, FakeRegistry.Image, Root(), new PullOptions { Platform = platform })).Id;
    }

    private string Unpacked(Dictionary<Digest, byte[]> blobs, Descriptor top)
    {
        string folder = _folder[$"layout{Guid.NewGuid():n}"];
        Directory.CreateDirectory($"{folder}/blobs/sha256");
        foreach ((Digest digest, byte[] bytes) in blobs)
        {
            File.WriteAllBytes($"{folder}/blobs/sha256/{digest.Hex}", bytes);
        }

        File.WriteAllBytes($"{folder}/index.json", ManifestWriter.Index(MediaTypes.OciIndex, [top]).Bytes.ToArray());
        return folder;
    }

    private static Descriptor Named(Descriptor descriptor, string name) => descriptor with
    {
        Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = name },
    };

    private DockerRoot Root() => DockerRoot.Open(_folder[$"root{Guid.NewGuid():n}"], new DockerRootOptions { Driver = "overlay2" });

    private static LoadOptions Options(string? platform) =>
        new() { Platform = platform is not null && Platform.TryParse(platform, out Platform? parsed) ? parsed : null };

    private static ImageConfig Config(string text) => SampleImage.Of(text).Config;

    private static Descriptor Add(Dictionary<Digest, byte[]> blobs, string? platform, string text)
    {
        SampleImage sample = SampleImage.Of(text);
        Descriptor layer = Put(blobs, sample.Layers[0], MediaTypes.OciLayer);
        Descriptor config = Put(blobs, sample.Config.Bytes.ToArray(), MediaTypes.OciConfig);
        string[] parts = platform?.Split('/') ?? [];
        return Put(blobs, ManifestWriter.Image(MediaTypes.OciManifest, config, [layer]).Bytes.ToArray(), MediaTypes.OciManifest) with
        {
            Platform = platform is null ? null : new() { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) },
        };
    }

    private static Descriptor AddIndex(Dictionary<Digest, byte[]> blobs, Descriptor[] images) =>
        Put(blobs, ManifestWriter.Index(MediaTypes.OciIndex, images).Bytes.ToArray(), MediaTypes.OciIndex);

    private static Descriptor Put(Dictionary<Digest, byte[]> blobs, byte[] bytes, string type)
    {
        Descriptor descriptor = FakeRegistry.Describe(bytes) with { MediaType = type };
        blobs[descriptor.Digest] = bytes;
        return descriptor;
    }

    private static byte[] ArchiveOf(Dictionary<Digest, byte[]> blobs, ImageIndex index) => Archive.Of(
    [
        .. blobs.Select(blob => Archive.File($"blobs/sha256/{blob.Key.Hex}", blob.Value)),
        Archive.File("index.json", Encoding.UTF8.GetString(index.Bytes.Span)),
    ]);
}
