using System.IO.Compression;
using System.Text;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Tar;
using Blobs.Tests.Testing;
using Blobs.Transfer;

namespace Blobs.Tests.Transfer;

/// <summary>Archives of <c>docker save</c> before 1.10. The expected configs are those that dockerd 20.10 made of the
/// same archives.</summary>
public sealed class LegacyArchiveTests : IDisposable
{
    private const string OldRun =
        """{"Hostname":"abc","Memory":0,"PortSpecs":null,"ExposedPorts":{"80/tcp":{}},"Env":null,"Cmd":["/bin/sh","-c","#(nop) <x>&y"],"Image":""}""";

    private const string NewRun =
        """{"Hostname":"abc","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"ExposedPorts":{"80/tcp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["/bin/sh","-c","#(nop) \u003cx\u003e\u0026y"],"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}""";

    private const string EmptyRun =
        """{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}""";

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("overlay2", false)]
    [InlineData("overlay2", true)]
    [InlineData("vfs", false)]
    [InlineData("vfs", true)]
    public async Task What_an_old_Docker_recorded_is_kept(string driver, bool isPipe)
    {
        byte[][] layers = [SampleImage.Layer("one"), SampleImage.Layer("two")];
        byte[] archive = Of(
            """{"busy":{"latest":"b","1":"b","base":"a"},"reg.io:5000/x/y":{"t":"b"}}""",
            ("b", $$"""{"id":"b","parent":"a","created":"2014-10-01T20:46:08.910000+02:00","container_config":{{OldRun}},"docker_version":"1.8.2","config":{{OldRun}},"architecture":"amd64","os":"linux","comment":"hi","Size":5,"other":1}""", Gzip(layers[1])),
            ("a", $$"""{"id":"a","created":"2014-10-01T20:46:08.914288461Z","container":"c","container_config":{{OldRun}},"author":"A <a@b>","architecture":"amd64","os":"linux","Size":123}""", layers[0]));
        DockerRoot root = await LoadAsync(driver, archive, isPipe);
        string first = $$"""{"created":"2014-10-01T20:46:08.914288461Z","author":"A \u003ca@b\u003e","created_by":"/bin/sh -c #(nop) \u003cx\u003e\u0026y"}""";
        string second = """{"created":"2014-10-01T20:46:08.91+02:00","created_by":"/bin/sh -c #(nop) \u003cx\u003e\u0026y","comment":"hi"}""";
        Image bottom = Expect(
            root,
            "busy:base",
            $$$"""{"architecture":"amd64","author":"A \u003ca@b\u003e","container":"c","container_config":{{{NewRun}}},"created":"2014-10-01T20:46:08.914288461Z","history":[{{{first}}}],"os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.OfSha256(layers[0])}}}"]}}""");
        foreach (string name in (string[])["busy:latest", "busy:1", "reg.io:5000/x/y:t"])
        {
            Image top = Expect(
                root,
                name,
                $$$"""{"architecture":"amd64","comment":"hi","config":{{{NewRun}}},"container_config":{{{NewRun}}},"created":"2014-10-01T20:46:08.91+02:00","docker_version":"1.8.2","history":[{{{first}}},{{{second}}}],"os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.OfSha256(layers[0])}}}","{{{Digest.OfSha256(layers[1])}}}"]}}""");
            Assert.Equal(bottom.Id, top.Parent);
        }

        Assert.Equal(2, root.Images.Images().Count());
    }

    [Theory]
    [InlineData("1.8.3")]
    [InlineData("1.12.0-dev")]
    [InlineData("17.05.0-ce")]
    public async Task Everything_that_a_newer_Docker_recorded_is_kept(string version)
    {
        byte[] layer = SampleImage.Layer("one");
        string json =
            $$"""{ "os" : "linux", "id":"a", "unknown": {"z":1.50, "a":"<&>\u2028é\"<"}, "Size":5, "throwaway":true, "layer_id":"x", "parent_id":"y", "docker_version":"{{version}}", "created":"2014-10-01T20:46:08.910000Z", "config":{ "Env" : [ "A=1" ] , "Memory":0} }""";
        DockerRoot root = await LoadAsync("overlay2", Of("""{"new":{"latest":"a"}}""", ("a", json, layer)));
        Expect(
            root,
            "new",
            $$$"""{"config":{"Env":["A=1"],"Memory":0},"created":"2014-10-01T20:46:08.910000Z","docker_version":"{{{version}}}","history":[{"created":"2014-10-01T20:46:08.91Z"}],"os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.OfSha256(layer)}}}"]},"unknown":{"z":1.50,"a":"\u003c\u0026\u003e\u2028é\"\u003c"}}""");
    }

    [Fact]
    public async Task A_minimal_archive_is_enough()
    {
        byte[] layer = SampleImage.Layer("one");
        DockerRoot root = await LoadAsync("overlay2", Of("""{"min":{"latest":"y"}}""", ("y", """{"Id":"y","Created":"2020-01-02T03:04:05Z"}""", layer)));
        Expect(
            root,
            "min",
            $$$"""{"container_config":{{{EmptyRun}}},"created":"2020-01-02T03:04:05Z","history":[{"created":"2020-01-02T03:04:05Z"}],"rootfs":{"type":"layers","diff_ids":["{{{Digest.OfSha256(layer)}}}"]}}""");
    }

    [Fact]
    public async Task Only_named_images_are_reported()
    {
        byte[] archive = Of(
            """{"top":{"latest":"b"}}""",
            ("a", """{"id":"a","os":"linux"}""", SampleImage.Layer("one")),
            ("b", """{"id":"b","parent":"a","os":"linux"}""", SampleImage.Layer("two")));
        DockerRoot root = DockerRoot.Open(_folder["root"]);
        TakenImage taken = Assert.Single(await ImageLoader.LoadAsync(new MemoryStream(archive), "archive", root));
        Assert.Equal("top:latest", Assert.Single(taken.Names).Familiar);
        Assert.Equal(2, root.Images.Images().Count());
    }

    [Theory]
    [InlineData("""{"x":{"latest":"missing"}}""", """{"id":"a"}""", "invalid target ID: 'missing'")]
    [InlineData("""{"x":{"latest":"a"}}""", """{"id":"a","parent":"missing"}""", "there is no 'missing/json' in it")]
    [InlineData("""{"x":{"latest":"a"}}""", """{"id":"a","parent":"a"}""", "or of itself")]
    [InlineData("""{"x":{"la test":"a"}}""", """{"id":"a"}""", "invalid tag 'x:la test'")]
    [InlineData("""{"x":["a"]}""", """{"id":"a"}""", "repositories")]
    [InlineData("""{"x":{"latest":"a"}}""", """{"id":1}""", "id")]
    [InlineData("""{"x":{"latest":"a"}}""", """{"id":"a","os":"windows"}""", "windows")]
    public async Task Malformed_documents_are_refused(string repositories, string json, string why)
    {
        byte[] archive = Of(repositories, ("a", json, SampleImage.Layer("one")));
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => ImageLoader.LoadAsync(new MemoryStream(archive), "archive", DockerRoot.Open(_folder["root"])));
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        string layers = _folder["root/image/overlay2/layerdb/sha256"];
        Assert.Empty(Directory.Exists(layers) ? Directory.GetDirectories(layers) : []);
    }

    [Fact]
    public async Task It_can_be_copied_by_name()
    {
        await File.WriteAllBytesAsync(_folder["old.tar"], Of("""{"x":{"1":"a"}}""", ("a", """{"id":"a","os":"linux"}""", SampleImage.Layer("one"))));
        using ImageArchive archive = await ImageArchive.OpenAsync(_folder["old.tar"]);
        Assert.Same(archive.Images[0], archive.Find("x:1"));
    }

    private static Image Expect(DockerRoot root, string name, string config)
    {
        Image image = root.Find(name);
        Assert.Equal(config, Encoding.UTF8.GetString(image.Config.Bytes.Span));
        return image;
    }

    private async Task<DockerRoot> LoadAsync(string driver, byte[] archive, bool isPipe = false)
    {
        DockerRoot root = DockerRoot.Open(_folder["root"], new DockerRootOptions { Driver = driver });
        await File.WriteAllBytesAsync(_folder["archive.tar"], archive);
        if (isPipe)
        {
            await ImageLoader.LoadAsync(new ChunkedStream(archive, 777), "pipe", root);
        }
        else
        {
            await ImageLoader.LoadAsync(_folder["archive.tar"], root);
        }

        return root;
    }

    private static byte[] Of(string repositories, params (string Id, string Json, byte[] Layer)[] layers) => Archive.Of(
    [
        .. layers.SelectMany(layer => ((TarMember, byte[])[])[
            Archive.Directory($"{layer.Id}/"), Archive.File($"{layer.Id}/VERSION", "1.0"), Archive.File($"{layer.Id}/json", layer.Json),
            Archive.File($"{layer.Id}/layer.tar", layer.Layer)]),
        Archive.File("repositories", repositories),
    ]);

    private static byte[] Gzip(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return target.ToArray();
    }
}
