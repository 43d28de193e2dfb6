using System.Runtime.Versioning;
using System.Text;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tar;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Layouts with manifests that are not images.</summary>
[SupportedOSPlatform("linux")]
public sealed class ArtifactTests : IDisposable
{
    private static readonly byte[] Config = "{}"u8.ToArray();
    private static readonly byte[] Content = "hello"u8.ToArray();

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_layout_of_artifacts_only_is_refused_with_a_list_of_them()
    {
        await WriteLayoutAsync(MediaTypes.OciEmpty, "application/vnd.x");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageLoader.LoadAsync(_folder["layout"], DockerRoot.Open(_folder["root"])));
        Assert.EndsWith(": holds no image, only artifacts: chart:1 (application/vnd.x)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_without_any_image_is_not_loaded()
    {
        byte[] archive = Archive.Of(Archive.File("index.json", """{"schemaVersion":2,"manifests":null}"""));
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageLoader.LoadAsync(new MemoryStream(archive), "archive", DockerRoot.Open(_folder["root"])));
        Assert.Equal("archive: holds no image", fault.Message);
    }

    [Theory]
    [InlineData("oci", "")]
    [InlineData("oci", ":chart:1")]
    [InlineData("oci-archive", ":chart:1")]
    public async Task An_artifact_is_copied_as_it_is(string transport, string name)
    {
        Digest manifest = await WriteLayoutAsync(MediaTypes.OciEmpty, "application/vnd.x");
        CopyResult copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci:{_folder["layout"]}{name}"), ImagePlace.Parse($"{transport}:{_folder["copy"]}"));
        Assert.Equal(manifest, copied.Digest);
        Assert.Equal(2, copied.NewBlobs);

        // And from there again.
        copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"{transport}:{_folder["copy"]}:chart:1"), ImagePlace.Parse($"oci:{_folder["again"]}:x"));
        Assert.Equal(manifest, copied.Digest);
        Assert.Equal("hello", await File.ReadAllTextAsync(_folder[$"again/blobs/sha256/{Digest.OfSha256(Content).Hex}"]));
    }

    [Theory]
    [InlineData("docker-archive:{0}.tar")]
    [InlineData("docker-data:{0}//chart:1")]
    public async Task An_artifact_is_refused_by_a_Docker_root(string to)
    {
        await WriteLayoutAsync(MediaTypes.OciEmpty, "application/vnd.x");
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(() => ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci:{_folder["layout"]}"),
            ImagePlace.Parse(to.Replace("{0}", _folder["engine"], StringComparison.Ordinal))));
        Assert.Contains("is an artifact of type 'application/vnd.x', not an image", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"artifactType\":\"application/vnd.x\",", MediaTypes.OciEmpty)]
    [InlineData("", "application/vnd.x")]
    public async Task A_pulled_artifact_is_reported_with_its_type(string artifactType, string configType)
    {
        string manifest =
            $$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}",{{{artifactType}}}
            "config":{"mediaType":"{{{configType}}}","digest":"{{{Digest.OfSha256(Config)}}}","size":{{{Config.Length}}}},"layers":[]}
            """;
        FakeRegistry fake = new FakeRegistry()
            .On("GET /v2/app/manifests/1", _ => FakeRegistry.Text(manifest, MediaTypes.OciManifest))
            .On($"GET /v2/app/blobs/{Digest.OfSha256(Config)}", _ => FakeRegistry.Bytes(Config));
        using RegistryClient client = fake.Client();
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImagePuller.PullAsync(client, FakeRegistry.Image, DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" })));
        Assert.Equal($"{FakeRegistry.Image}: is an artifact of type 'application/vnd.x', not an image", fault.Message);
    }

    [Fact]
    public async Task A_damaged_blob_of_an_artifact_is_not_copied()
    {
        await WriteLayoutAsync(MediaTypes.OciEmpty, "application/vnd.x");
        await File.WriteAllTextAsync(_folder[$"layout/blobs/sha256/{Digest.OfSha256(Content).Hex}"], "hellO");
        await Assert.ThrowsAsync<DigestMismatchException>(() => ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci:{_folder["layout"]}"), ImagePlace.Parse($"oci:{_folder["copy"]}")));
        Assert.False(File.Exists(_folder["copy/index.json"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"mediaType\":null,")]
    [InlineData("\"mediaType\":\"\",")]
    [InlineData("\"mediaType\":\"application/octet-stream\",")]
    public async Task A_config_without_a_type_is_an_images(string type)
    {
        byte[] layer = SampleImage.Layer("one");
        byte[] config = SampleImage.Of("one").Config.Bytes.ToArray();
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":2,"config":{ {{{type}}}"digest":"{{{Digest.OfSha256(config)}}}","size":{{{config.Length}}}},
            "layers":[{"mediaType":null,"digest":"{{{Digest.OfSha256(layer)}}}","size":{{{layer.Length}}}}]}
            """);
        byte[] index = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":2,"manifests":[{ {{{(type.Contains("octet", StringComparison.Ordinal) ? "" : type)}}}"digest":"{{{Digest.OfSha256(manifest)}}}","size":{{{manifest.Length}}},
            "platform":null}]}
            """);
        byte[] archive = Archive.Of(
            Blob(layer),
            Blob(config),
            Blob(manifest),
            Archive.File("oci-layout", """{"imageLayoutVersion":null}"""),
            Archive.File("index.json", index));
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        TakenImage taken = Assert.Single(await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", root));
        Assert.Equal(Digest.OfSha256(config), taken.Id);
    }

    [Fact]
    public async Task Layers_that_are_null_are_none_and_neither_version_nor_size_is_needed()
    {
        byte[] config = """{"os":"linux","rootfs":{"type":"layers","diff_ids":null}}"""u8.ToArray();
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":null,"config":{"mediaType":"{{{MediaTypes.OciConfig}}}","digest":"{{{Digest.OfSha256(config)}}}",
            "size":{{{config.Length}}}},"layers":null}
            """);
        byte[] index = Encoding.UTF8.GetBytes(
            $$$"""{"manifests":[{"digest":"{{{Digest.OfSha256(manifest)}}}","size":null}]}""");
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        byte[] archive = Archive.Of(Blob(config), Blob(manifest), Archive.File("index.json", index));
        Assert.Single(await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", root));
    }

    [Fact]
    public async Task An_image_of_the_far_future_is_saved_with_compressed_layers()
    {
        byte[] layer = SampleImage.Layer("one");
        ImageConfig config = ImageConfig.Parse(Encoding.UTF8.GetBytes(
            $$$"""{"os":"linux","created":"6020-01-02T03:04:05Z","rootfs":{"diff_ids":["{{{Digest.OfSha256(layer)}}}"]}}"""));
        byte[] archive = Archive.Of(
            Archive.File("l", layer),
            Archive.File("c", config.Bytes.ToArray()),
            Archive.File("manifest.json", """[{"Config":"c","RepoTags":["far:1"],"Layers":["l"]}]"""));
        await File.WriteAllBytesAsync(_folder["far.tar"], archive);
        await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker-archive:{_folder["far.tar"]}"),
            ImagePlace.Parse($"docker-archive:{_folder["saved.tar"]}"),
            new CopyOptions { Compression = CompressionKind.Gzip });
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        Assert.Single(await ImageLoader.LoadAsync(_folder["saved.tar"], root));
    }

    private async Task<Digest> WriteLayoutAsync(string configType, string artifactType)
    {
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","artifactType":"{{{artifactType}}}",
            "config":{"mediaType":"{{{configType}}}","digest":"{{{Digest.OfSha256(Config)}}}","size":{{{Config.Length}}}},
            "layers":[{"mediaType":"text/plain","digest":"{{{Digest.OfSha256(Content)}}}","size":{{{Content.Length}}}}]}
            """);
        string blobs = Directory.CreateDirectory(_folder["layout/blobs/sha256"]).FullName;
        foreach (byte[] blob in (byte[][])[manifest, Config, Content])
        {
            await File.WriteAllBytesAsync(Path.Combine(blobs, Digest.OfSha256(blob).Hex), blob);
        }

        await File.WriteAllTextAsync(
            _folder["layout/index.json"],
            $$$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Digest.OfSha256(manifest)}}}",
            "size":{{{manifest.Length}}},"annotations":{"org.opencontainers.image.ref.name":"chart:1"}}]}
            """);
        return Digest.OfSha256(manifest);
    }

    private static (TarMember Member, byte[] Payload) Blob(byte[] content) =>
        Archive.File($"blobs/sha256/{Digest.OfSha256(content).Hex}", content);
}
