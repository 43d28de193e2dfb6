using System.Text;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

/// <summary>Manifests that are changed keep what the change has nothing to do with.</summary>
public sealed class ManifestEditTests
{
    private static readonly Digest One = Digest.OfSha256("one"u8);
    private static readonly Digest Two = Digest.OfSha256("two"u8);
    private static readonly Digest Three = Digest.OfSha256("three"u8);

    [Fact]
    public void An_index_keeps_everything_of_what_stays_in_it()
    {
        string kept = $$$"""{ "size":10, "digest":"{{{One}}}","mediaType":"{{{MediaTypes.OciManifest}}}","data":"AAAA","x":9007199254740993}""";
        var index = (ImageIndex)Parse(
            $$$"""{"x":{"y":1.50},"manifests":[{{{kept}}},{{{Described(MediaTypes.OciManifest, Two)}}}],"schemaVersion":2,"artifactType":"a/b","mediaType":"{{{MediaTypes.OciIndex}}}","annotations":{"a":"b"}}""");

        ImageIndex edited = ManifestEdit.Index(
            index,
            manifest => manifest.Digest == One,
            [new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Three, Size = 3 }]);

        Assert.Equal(
            $$$"""{"x":{"y":1.50},"manifests":[{{{kept}}},{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Three}}}","size":3}],"schemaVersion":2,"artifactType":"a/b","mediaType":"{{{MediaTypes.OciIndex}}}","annotations":{"a":"b"}}""",
            Text(edited));
    }

    [Fact]
    public void A_manifest_with_another_layer_keeps_all_but_that_layers_descriptor()
    {
        var manifest = (ImageManifest)Parse(
            $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","odd":[1.0],"config":{{{Described(MediaTypes.OciConfig, One, ",\"x\":1")}}},"layers":[""" +
            $$$"""{{{Described(MediaTypes.OciLayerGzip, Two, ",\"annotations\":{\"k\":\"v\"}")}}},{{{Described(MediaTypes.OciLayerGzip, Three, ",\"annotations\":{\"of\":\"old\"}")}}}],"subject":{{{Described(MediaTypes.OciManifest, One)}}}}""");
        Descriptor[] layers = [manifest.Layers[0], new Descriptor { MediaType = MediaTypes.OciLayerZstd, Digest = One, Size = 5 }];

        ImageManifest edited = ManifestEdit.Image(manifest, MediaTypes.OciManifest, manifest.Config, layers);

        Assert.Equal(
            $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","odd":[1.0],"config":{{{Described(MediaTypes.OciConfig, One, ",\"x\":1")}}},"layers":[""" +
            $$$"""{{{Described(MediaTypes.OciLayerGzip, Two, ",\"annotations\":{\"k\":\"v\"}")}}},{"mediaType":"{{{MediaTypes.OciLayerZstd}}}","digest":"{{{One}}}","size":5}],"subject":{{{Described(MediaTypes.OciManifest, One)}}}}""",
            Text(edited));
    }

    [Fact]
    public void Only_a_plain_manifest_is_written_as_dockerd_pushes_it()
    {
        string layers = $"\"layers\":[{Described(MediaTypes.DockerLayerGzip, Two)}]";
        string config = $"\"config\":{Described(MediaTypes.DockerConfig, One)}";
        Assert.True(ManifestEdit.IsPlain((ImageManifest)Parse($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.DockerManifest}}}",{{{config}}},{{{layers}}}}""")));
        Assert.False(ManifestEdit.IsPlain((ImageManifest)Parse($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.DockerManifest}}}",{{{config}}},{{{layers}}},"x":1}""")));
    }

    private static Manifest Parse(string json) => Manifest.Parse(Encoding.UTF8.GetBytes(json));

    private static string Text(Manifest manifest) => Encoding.UTF8.GetString(manifest.Bytes.Span);

    private static string Described(string type, Digest digest, string more = "") =>
        $$$"""{"mediaType":"{{{type}}}","size":4,"digest":"{{{digest}}}"{{{more}}}}""";
}
