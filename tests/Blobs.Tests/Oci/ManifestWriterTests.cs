using System.Text;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Tests.Oci;

public sealed class ManifestWriterTests
{
    private static readonly Descriptor One = new() { MediaType = MediaTypes.DockerLayerGzip, Digest = Digest.OfSha256("1"u8), Size = 1 };
    private static readonly Descriptor Two = new() { MediaType = MediaTypes.DockerLayerGzip, Digest = Digest.OfSha256("2"u8), Size = 2_000_000_000_000 };

    [Fact]
    public void A_docker_manifest_is_what_dockerd_pushes()
    {
        ImageManifest manifest = ManifestWriter.DockerImage(One with { MediaType = MediaTypes.OciConfig }, [One, Two]);
        Assert.Equal(
            """
            {
               "schemaVersion": 2,
               "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
               "config": {
                  "mediaType": "application/vnd.docker.container.image.v1+json",
                  "size": 1,
                  "digest": "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
               },
               "layers": [
                  {
                     "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                     "size": 1,
                     "digest": "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
                  },
                  {
                     "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                     "size": 2000000000000,
                     "digest": "sha256:d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"
                  }
               ]
            }
            """,
            Encoding.UTF8.GetString(manifest.Bytes.Span));
    }

    [Fact]
    public void URLs_of_a_foreign_layer_come_after_its_digest()
    {
        Descriptor layer = One with { MediaType = MediaTypes.DockerForeignLayerGzip, Urls = ["https://a.example/?x=1&y=\"2\"", "https://b.example/"] };
        ImageManifest manifest = ManifestWriter.DockerImage(One, [layer]);
        Assert.EndsWith(
            """
                  {
                     "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
                     "size": 1,
                     "digest": "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
                     "urls": [
                        "https://a.example/?x=1\u0026y=\"2\"",
                        "https://b.example/"
                     ]
                  }
               ]
            }
            """,
            Encoding.UTF8.GetString(manifest.Bytes.Span),
            StringComparison.Ordinal);
        Assert.Equal(layer.Urls, manifest.Layers[0].Urls);
    }

    [Fact]
    public void An_image_without_layers_has_an_empty_list() =>
        Assert.EndsWith("\n   \"layers\": []\n}", Encoding.UTF8.GetString(ManifestWriter.DockerImage(One, []).Bytes.Span), StringComparison.Ordinal);
}
