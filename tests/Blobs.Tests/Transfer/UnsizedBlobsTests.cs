using System.Runtime.Versioning;
using System.Text;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Tests.Distribution.Client;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Transfer;

/// <summary>Manifests without the sizes of blobs, which docker and skopeo accept too.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnsizedBlobsTests : IDisposable
{
    private static readonly SampleImage Sample = SampleImage.Of("one", "two");

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("oci:{0}")]
    [InlineData("oci-archive:{0}:1")]
    [InlineData("docker-archive:{0}:app:1")]
    [InlineData("docker-data:{0}//app:1")]
    public async Task A_layout_of_layers_without_a_size_is_copied(string to)
    {
        await File.WriteAllBytesAsync(_folder["layout.tar"], Sample.OciArchive("1", sizeOf: _ => 0));
        ImagePlace target = ImagePlace.Parse(to.Replace("{0}", _folder["copy"], StringComparison.Ordinal));
        CopyResult copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"oci-archive:{_folder["layout.tar"]}"), target, new CopyOptions { Driver = "vfs" });
        Assert.Equal(Sample.Config.Id, copied.Image!.Id);

        // What was written is read again.
        await ImageCopier.CopyAsync(target, ImagePlace.Parse($"docker-archive:{_folder["again"]}:app:1"));
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        Assert.Equal(Sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(_folder["again"], root)).Id);
    }

    [Fact]
    public async Task A_layout_of_layers_without_a_size_is_loaded_as_it_goes_by()
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" });
        byte[] archive = Sample.OciArchive("1", sizeOf: _ => 0);
        Assert.Equal(Sample.Config.Id, Assert.Single(await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", root)).Id);
    }

    [Fact]
    public async Task A_registry_is_asked_for_the_sizes_that_a_manifest_does_not_say()
    {
        using RegistryClient client = Registry(MediaTypes.OciConfig, out _).Client();
        TakenImage taken = await ImagePuller.PullAsync(
            client, Image, DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = "vfs" }));
        Assert.Equal(Sample.Config.Id, taken.Id);
    }

    [Theory]
    [InlineData(MediaTypes.OciConfig)]
    [InlineData("application/vnd.x")]
    public async Task Images_and_artifacts_without_sizes_go_from_registry_to_registry_as_they_are(string configType)
    {
        const string Target = "https://target.example/v2/app";
        FakeRegistry fake = Registry(configType, out byte[] manifest)
            .On("GET https://target.example/v2/", _ => Text("{}"))
            .On($"POST {Target}/blobs/uploads/", _ => Status(202, "", ("Location", "/v2/app/blobs/uploads/one")))
            .On($"PUT {Target}/blobs/uploads/one", _ => Status(201))
            .On($"PUT {Target}/manifests/1", _ => Status(201));
        using RegistryClient client = fake.Client();
        await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker://{Image}"),
            ImagePlace.Parse("docker://target.example/app:1"),
            new CopyOptions { Client = client, LayersAtOnce = 1 });
        Assert.Equal(manifest, fake.Bodies[$"PUT {Target}/manifests/1"]);
        Assert.Equal(3, fake.Asked.Count(line => line.StartsWith("PUT https://target.example/v2/app/blobs/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_index_of_blobs_is_refused()
    {
        FakeRegistry fake = new FakeRegistry().On("GET /v2/app/manifests/1", _ => Text(
            $$$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciLayerGzip}}}","digest":"{{{Digest.OfSha256([1])}}}","size":1}]}
            """,
            MediaTypes.OciIndex));
        using RegistryClient client = fake.Client();
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => RegistryImageSource.OpenAsync(client, Image));
        Assert.Equal($"{Image}: is not an image, but an index of other things, the first of type {MediaTypes.OciLayerGzip}", error.Message);
        Assert.Single(fake.Asked, line => line.Contains("/manifests/", StringComparison.Ordinal));
    }

    private static FakeRegistry Registry(string configType, out byte[] manifest)
    {
        byte[] config = Sample.Config.Bytes.ToArray();
        IEnumerable<string> layers = Sample.Layers.Select(
            layer => $$"""{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{Digest.OfSha256(layer)}}"}""");
        byte[] document = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
            "config":{"mediaType":"{{configType}}","digest":"{{Digest.OfSha256(config)}}","size":null},"layers":[{{string.Join(',', layers)}}]}
            """);
        manifest = document;
        FakeRegistry fake = new FakeRegistry().On("GET /v2/app/manifests/1", _ => Bytes(document, MediaTypes.OciManifest));
        foreach (byte[] blob in Sample.Layers.Append(config))
        {
            fake.On($"HEAD /v2/app/blobs/{Digest.OfSha256(blob)}", _ => Bytes(blob));
            fake.On($"GET /v2/app/blobs/{Digest.OfSha256(blob)}", _ => Bytes(blob));
        }

        return fake;
    }
}
