using System.Formats.Tar;
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
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Transfer;

/// <summary>Foreign layers: without URLs they are uploaded like others; with URLs they are only named, and fetched from
/// there when the registry does not have them.</summary>
public sealed class ForeignLayerTests : IDisposable
{
    private const string Target = "https://target.example/v2/app";
    private const string Elsewhere = "https://layers.example/layer";

    private static readonly SampleImage Sample = SampleImage.Of("one");
    private static readonly byte[] Layer = Sample.Layers[0];
    private static readonly Digest LayerDigest = Digest.OfSha256(Layer);
    private static readonly string LayerPath = $"GET /v2/app/blobs/{LayerDigest}";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MediaTypes.OciForeignLayer)]
    [InlineData(MediaTypes.DockerForeignLayer)]
    public async Task Without_addresses_it_is_uploaded(string type)
    {
        FakeRegistry fake = Registry(type).On(LayerPath, _ => Bytes(Layer));
        await CopyAsync(fake, "docker://target.example/app:1");
        Assert.Equal(Layer, fake.Bodies[$"PUT {Target}/blobs/uploads/one"]);
    }

    [Fact]
    public async Task With_addresses_it_stays_where_it_is_and_is_named()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On(LayerPath, _ => Bytes(Layer));
        var steps = new Steps();
        CopyResult taken = await CopyAsync(fake, "docker://target.example/app:1", steps);
        Assert.Equal(Manifest(MediaTypes.OciForeignLayer, Elsewhere).Digest, taken.Digest);
        Assert.DoesNotContain(fake.Asked, line => line.Contains(LayerDigest.Hex, StringComparison.Ordinal));
        Assert.Equal([TransferStep.Skipped], steps.Seen);
    }

    [Theory]
    [InlineData(MediaTypes.OciForeignLayer, MediaTypes.OciForeignLayer)]
    [InlineData(MediaTypes.DockerForeignLayer, MediaTypes.OciForeignLayer)]
    [InlineData(MediaTypes.DockerForeignLayerGzip, MediaTypes.OciForeignLayerGzip)]
    public async Task A_layout_names_it_as_well(string type, string inLayout)
    {
        FakeRegistry fake = Registry(type, Elsewhere);
        CopyResult taken = await CopyAsync(fake, $"oci:{_folder["layout"]}:1");
        Assert.False(File.Exists(_folder[$"layout/blobs/sha256/{LayerDigest.Hex}"]));
        byte[] manifest = await File.ReadAllBytesAsync(_folder[$"layout/blobs/sha256/{taken.Digest.Hex}"]);
        Descriptor layer = Assert.Single(((ImageManifest)global::Blobs.Oci.Manifest.Parse(manifest)).Layers);
        Assert.Equal(inLayout, layer.MediaType);
        Assert.Equal([Elsewhere], layer.Urls);
    }

    [Fact]
    public async Task A_manifest_in_the_other_format_keeps_the_addresses()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayerGzip, Elsewhere);
        await CopyAsync(fake, "docker://target.example/app:1", format: ManifestFormat.Docker);
        Descriptor layer = Assert.Single(((ImageManifest)global::Blobs.Oci.Manifest.Parse(fake.Bodies[$"PUT {Target}/manifests/1"])).Layers);
        Assert.Equal(MediaTypes.DockerForeignLayerGzip, layer.MediaType);
        Assert.Equal([Elsewhere], layer.Urls);
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_fetched_from_its_addresses_without_any_login()
    {
        FakeRegistry fake = Registry(
            MediaTypes.OciForeignLayer, "ftp://layers.example/layer", "not an address", "file:///etc/passwd", "https://gone.example/x", Elsewhere)
            .On("GET /v2/", _ => Refused("Basic realm=\"here\""))
            .On("GET https://gone.example/x", _ => Refused("Basic realm=\"give it to me\""))
            .On($"GET {Elsewhere}", _ => Status(302, "", ("Location", "/moved")))
            .On("GET https://layers.example/moved", _ => Bytes(Layer));
        TakenImage taken = await PullAsync(fake);
        Assert.Equal(Sample.Config.Id, taken.Id);
        Assert.Equal(
            ["GET https://gone.example/x", $"GET {Elsewhere}", "GET https://layers.example/moved"],
            fake.Asked.Where(line => !line.Contains("/v2/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_registry_is_asked_first()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On(LayerPath, _ => Bytes(Layer));
        await PullAsync(fake);
        Assert.DoesNotContain(fake.Asked, line => line.Contains("layers.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_bytes_than_the_manifest_names_are_refused_from_wherever_they_come()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On($"GET {Elsewhere}", _ => Bytes(new byte[Layer.Length]));
        await Assert.ThrowsAnyAsync<BlobsException>(() => PullAsync(fake));
    }

    [Fact]
    public async Task A_layer_that_cannot_be_fetched_is_an_error()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On($"GET {Elsewhere}", _ => Status(410));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(fake));
        Assert.Equal(404, error.Status);
        Assert.Contains(LayerDigest.Hex, error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"; GET {Elsewhere}: 410 gone", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("overlay2", true)]
    [InlineData("overlay2", false)]
    [InlineData("vfs", true)]
    [InlineData("vfs", false)]
    public async Task A_foreign_layer_of_a_layout_is_fetched_when_it_is_loaded(string driver, bool isFolder)
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On($"GET {Elsewhere}", _ => Bytes(Layer));
        await CopyAsync(fake, $"oci:{_folder["layout"]}:1");
        await File.WriteAllBytesAsync(_folder["archive"], ArchiveOfLayout());
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = driver });
        string path = _folder[isFolder ? "layout" : "archive"];
        await Assert.ThrowsAsync<MalformedDataException>(() => ImageLoader.LoadAsync(path, root));
        using RegistryClient client = fake.Client(new Login(new RegistryCredentials { Username = "alice", Password = "s3cret" }));
        var options = new LoadOptions { Client = client };
        TakenImage taken = Assert.Single(await ImageLoader.LoadAsync(path, root, options));
        Assert.Equal(Sample.Config.Id, taken.Id);
        Assert.Contains($"GET {Elsewhere}", fake.Asked);
    }

    [Fact]
    public async Task A_foreign_layer_of_a_streamed_archive_is_fetched()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On($"GET {Elsewhere}", _ => Bytes(Layer));
        await CopyAsync(fake, $"oci:{_folder["layout"]}:1");
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "overlay2" });
        using RegistryClient client = fake.Client();
        using var pipe = new ChunkedStream(ArchiveOfLayout(), 700);
        var options = new LoadOptions { Client = client };
        Assert.Equal(Sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(pipe, "archive", root, options)).Id);
    }

    [Fact]
    public async Task A_foreign_layer_of_a_layout_is_fetched_when_the_target_needs_it()
    {
        FakeRegistry fake = Registry(MediaTypes.OciForeignLayer, Elsewhere).On($"GET {Elsewhere}", _ => Status(410), _ => Bytes(Layer));
        await CopyAsync(fake, $"oci:{_folder["layout"]}:1");
        using RegistryClient client = fake.Client();
        Task<CopyResult> Copy() => ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci:{_folder["layout"]}:1"),
            ImagePlace.Parse($"docker-archive:{_folder["archive"]}:app:1"),
            new CopyOptions { Client = client });
        RegistryException fault = await Assert.ThrowsAsync<RegistryException>(Copy);
        Assert.Equal($"blob {LayerDigest} is at none of its urls; GET {Elsewhere}: 410 gone", fault.Message);
        Assert.Equal(Sample.Config.Id, (await Copy()).Image!.Id);
    }

    // Ours would have a manifest.json as well, which has no place for addresses.
    private byte[] ArchiveOfLayout()
    {
        using var archive = new MemoryStream();
        TarFile.CreateFromDirectory(_folder["layout"], archive, includeBaseDirectory: false);
        return archive.ToArray();
    }

    private async Task<TakenImage> PullAsync(FakeRegistry fake)
    {
        using RegistryClient client = fake.Client(new Login(new RegistryCredentials { Username = "alice", Password = "s3cret" }));
        return await ImagePuller.PullAsync(
            client, Image, DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "overlay2" }));
    }

    private static async Task<CopyResult> CopyAsync(FakeRegistry fake, string to, Steps? steps = null, ManifestFormat? format = null)
    {
        using RegistryClient client = fake.Client();
        return await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker://{Image}"), ImagePlace.Parse(to), new CopyOptions { Client = client, Format = format }, steps);
    }

    private static FakeRegistry Registry(string type, params string[] urls)
    {
        ImageManifest manifest = Manifest(type, urls);
        return new FakeRegistry()
            .On("GET /v2/app/manifests/1", _ => Bytes(manifest.Bytes.ToArray(), manifest.MediaType))
            .On($"GET /v2/app/blobs/{Sample.Config.Id}", _ => Bytes(Sample.Config.Bytes.ToArray()))
            .On("GET https://target.example/v2/", _ => Text("{}"))
            .On($"POST {Target}/blobs/uploads/", _ => Status(202, "", ("Location", "one")), _ => Status(202, "", ("Location", "two")))
            .On($"PUT {Target}/blobs/uploads/one", _ => Status(201))
            .On($"PUT {Target}/blobs/uploads/two", _ => Status(201))
            .On($"PUT {Target}/manifests/1", _ => Status(201));
    }

    private static ImageManifest Manifest(string type, params string[] urls)
    {
        bool isDocker = type.StartsWith("application/vnd.docker", StringComparison.Ordinal);
        Descriptor config = Describe(Sample.Config.Bytes.ToArray()) with { MediaType = isDocker ? MediaTypes.DockerConfig : MediaTypes.OciConfig };
        Descriptor layer = Describe(Layer) with { MediaType = type, Urls = urls };
        return isDocker ? ManifestWriter.DockerImage(config, [layer]) : ManifestWriter.Image(MediaTypes.OciManifest, config, [layer]);
    }

    private sealed class Steps : IProgress<TransferProgress>
    {
        public List<TransferStep> Seen { get; } = [];

        public void Report(TransferProgress value) => Seen.Add(value.Step);
    }
}
