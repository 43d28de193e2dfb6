using System.Text;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

public sealed class ManifestTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Blob = $$"""{"mediaType":"application/x","size":3,"digest":"sha256:{{Hex}}"}""";

    [Fact]
    public void Keeps_the_bytes_it_was_made_from()
    {
        byte[] bytes = Utf8($$""" { "schemaVersion" : 2, "config": {{Blob}}, "layers":[{{Blob}}], "unknown": [1,{"a":null}] } """);
        var manifest = (ImageManifest)Manifest.Parse(bytes);
        Assert.Equal(bytes, manifest.Bytes.ToArray());
        Assert.Equal(Digest.OfSha256(bytes), manifest.Digest);
        Assert.Equal(MediaTypes.OciManifest, manifest.MediaType);
        Assert.Equal(2, manifest.References.Count());
        Assert.Equal(3, manifest.Layers[0].Size);
    }

    [Fact]
    public void An_index_without_a_type_is_an_oci_index()
    {
        var index = (ImageIndex)Manifest.Parse(Utf8($$"""{"schemaVersion":2,"manifests":[{{Blob}}]}"""));
        Assert.Equal(MediaTypes.OciIndex, index.MediaType);
        Assert.Equal(index.Manifests[0], index.For(Platform.Current));
    }

    [Fact]
    public void An_index_gives_the_manifest_for_a_platform()
    {
        string Of(string platform) => Blob.Replace("}", $$""","platform":{{platform}}}""", StringComparison.Ordinal);
        string first = Of("""{"os":"linux","architecture":"arm64","variant":"v8"}""");
        string second = Of("""{"os":"linux","architecture":"amd64"}""");
        var index = (ImageIndex)Manifest.Parse(Utf8($$"""{"schemaVersion":2,"manifests":[{{first}},{{second}}]}"""));
        Assert.Same(index.Manifests[0], index.For(new Platform { Os = "linux", Architecture = "arm64" }));
        Assert.Same(index.Manifests[1], index.For(new Platform { Os = "linux", Architecture = "amd64" }));
        Assert.Null(index.For(new Platform { Os = "windows", Architecture = "amd64" }));
    }

    [Theory]
    [InlineData("""null""")]
    [InlineData("""[]""")]
    [InlineData("""{""")]
    [InlineData("""{}""")]
    [InlineData("""{"schemaVersion":1}""")]
    [InlineData("""{"schemaVersion":2}""")]
    [InlineData("""{"schemaVersion":2,"config":null,"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[null]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"digest":"sha256:00","size":1}]}""")]
    [InlineData("""{"schemaVersion":2,"manifests":[{"size":1}]}""")]
    [InlineData($$"""{"schemaVersion":2,"mediaType":"application/x","config":{{Blob}},"layers":[]}""")]
    [InlineData($$"""{"schemaVersion":2,"manifests":[],"layers":[]}""")]
    [InlineData($$"""{"schemaVersion":2,"manifests":[{"digest":"sha256:{{Hex}}","size":-1}]}""")]
    public void Refuses_what_is_no_manifest(string text)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Manifest.Parse(Utf8(text)));
        Assert.Equal(Fault.ManifestSyntax, fault.Fault);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Refuses_a_type_that_its_sender_denies() => Assert.Throws<MalformedDataException>(() => Manifest.Parse(
        Utf8($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Blob}},"layers":[]}"""), MediaTypes.DockerManifest));

    [Fact]
    public void Refuses_documents_nested_without_end()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        MalformedDataException fault = Assert.Throws<MalformedDataException>(
            () => Manifest.Parse(Utf8($$"""{"schemaVersion":2,"x":{{deep}}}""")));
        Assert.Equal(Fault.ManifestSyntax, fault.Fault);
    }

    [Fact]
    public void Refuses_a_document_one_byte_over_the_limit_and_takes_one_at_it()
    {
        byte[] bytes = Utf8($$"""{"schemaVersion":2,"manifests":[]}""");
        Assert.NotNull(Manifest.Parse(bytes, limits: new Limits { ManifestBytes = bytes.Length }));
        Assert.Throws<LimitExceededException>(() => Manifest.Parse(bytes, limits: new Limits { ManifestBytes = bytes.Length - 1 }));
    }

    [Fact]
    public void An_error_says_where_a_document_is_malformed()
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Manifest.Parse("{\n\n  x"u8.ToArray()));
        Assert.Equal(5, fault.Offset);
    }

    [Fact]
    public void The_same_content_is_written_to_the_same_bytes()
    {
        var blob = new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = Digest.OfSha256([]), Size = 0 };
        ImageManifest manifest = ManifestWriter.Image(MediaTypes.OciManifest, blob, [blob]);
        string expected = $$"""{"mediaType":"{{MediaTypes.OciLayerGzip}}","digest":"sha256:{{Hex}}","size":0}""";
        Assert.Equal(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{expected}},"layers":[{{expected}}]}""",
            Encoding.UTF8.GetString(manifest.Bytes.Span));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
