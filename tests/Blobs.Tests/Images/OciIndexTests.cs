using System.Text;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Tests.Images;

/// <summary>Indexes as values.</summary>
public sealed class OciIndexTests
{
    private static readonly Descriptor Amd64 = Image("amd64", "linux", "amd64");
    private static readonly Descriptor Arm64 = Image("arm64", "linux", "arm64");

    [Fact]
    public void A_new_index_has_these_bytes()
    {
        ImageIndex index = OciIndex.Empty.Add(Amd64).ToManifest();
        Assert.Equal(
            $$$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{Amd64.Digest}}}","size":3,"platform":{"architecture":"amd64","os":"linux"}}]}
            """,
            Encoding.UTF8.GetString(index.Bytes.Span));
    }

    [Fact]
    public void An_image_replaces_the_one_for_its_platform_and_that_ones_attestations()
    {
        Descriptor attestation = Attestation(Arm64);
        Descriptor newer = Image("newer", "linux", "arm64", "v8");
        OciIndex index = OciIndex.Empty.Add(Amd64).Add(Arm64).Add(attestation).Add(newer);
        Assert.Equal([Amd64, newer], index.Manifests);

        // The same again changes nothing but its place.
        Assert.Equal([Arm64, attestation, Amd64], OciIndex.Empty.Add(Amd64).Add(Arm64).Add(attestation).Add(Amd64).Manifests);
    }

    [Fact]
    public void A_removed_image_takes_its_attestations_with_it()
    {
        OciIndex index = OciIndex.Empty.Add(Amd64).Add(Arm64).Add(Attestation(Amd64)).Add(Attestation(Arm64));
        Assert.Equal([Arm64.Digest, Attestation(Arm64).Digest], index.Remove(Amd64.Platform!).Manifests.Select(one => one.Digest));
        Assert.Equal(index.Remove(Amd64.Platform!).ToManifest().Digest, index.Remove(Amd64.Digest).ToManifest().Digest);
        Assert.Equal(4, index.Remove(new Platform { Os = "linux", Architecture = "arm" }).Manifests.Count);
    }

    [Fact]
    public void Members_that_a_change_does_not_concern_keep_their_bytes()
    {
        string json =
            $$$"""
            { "x": [1, 2],
              "schemaVersion": 2,
              "manifests": [ {"digest":"{{{Amd64.Digest}}}", "size":3, "mediaType":"{{{MediaTypes.OciManifest}}}", "y":"kept",
                "platform":{"os":"linux","architecture":"amd64"}} ],
              "annotations": {"a":"b"} }
            """;
        var old = (ImageIndex)Manifest.ParseIndex(Encoding.UTF8.GetBytes(json), new());
        Assert.Same(old, OciIndex.From(old).ToManifest());
        string added = Encoding.UTF8.GetString(OciIndex.From(old).Add(Arm64).ToManifest().Bytes.Span);
        Assert.Contains("\"x\":[1, 2]", added, StringComparison.Ordinal);
        Assert.Contains("\"y\":\"kept\"", added, StringComparison.Ordinal);
        Assert.Contains($"{Arm64.Digest}", added, StringComparison.Ordinal);
        OciIndex annotated = OciIndex.From(old) with { Annotations = new Dictionary<string, string> { ["c"] = "d" } };
        Assert.Equal("d", Assert.Single(annotated.ToManifest().Annotations).Value);
    }

    [Fact]
    public void Docker_images_make_a_list_until_OCI_ones_join_them()
    {
        Descriptor docker = Amd64 with { MediaType = MediaTypes.DockerManifest };
        ImageIndex list = OciIndex.Empty.Add(docker).ToManifest();
        Assert.Equal(MediaTypes.DockerList, list.MediaType);
        Assert.Equal(MediaTypes.OciIndex, OciIndex.From(list).Add(Arm64).ToManifest().MediaType);
        Assert.Equal(MediaTypes.DockerList, OciIndex.From(list).Add(Arm64 with { MediaType = MediaTypes.DockerManifest }).ToManifest().MediaType);
        OciIndex annotated = OciIndex.From(list) with { Annotations = new Dictionary<string, string> { ["a"] = "b" } };
        Assert.Equal(MediaTypes.OciIndex, annotated.ToManifest().MediaType);
    }

    [Fact]
    public async Task An_artifact_has_these_bytes()
    {
        OciArtifact artifact = new OciArtifact("application/spdx+json")
            .Add(ArtifactFile.FromBytes("{}\n"u8.ToArray(), "application/spdx+json", "app.json")) with
        {
            Subject = Amd64 with { Platform = null },
            Annotations = new Dictionary<string, string> { ["a"] = "b" },
        };
        Assert.Equal(
            $$$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/spdx+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},"layers":[{"mediaType":"application/spdx+json","digest":"sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356","size":3,"annotations":{"org.opencontainers.image.title":"app.json"}}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{Amd64.Digest}}}","size":3},"annotations":{"a":"b"}}
            """,
            Encoding.UTF8.GetString(artifact.ToManifest().Bytes.Span));
        await using Stream content = await artifact.Files[0].Open(CancellationToken.None);
        Assert.Equal(3, content.Length);
    }

    [Fact]
    public void An_artifact_without_files_has_the_empty_one()
    {
        ImageManifest manifest = new OciArtifact("application/vnd.example").ToManifest();
        Assert.Equal(Descriptor.Empty.Digest, Assert.Single(manifest.Layers).Digest);
        Assert.False(manifest.IsImage);
    }

    private static Descriptor Image(string content, string os, string architecture, string? variant = null) => new()
    {
        MediaType = MediaTypes.OciManifest,
        Digest = Digest.OfSha256(Encoding.UTF8.GetBytes(content)),
        Size = 3,
        Platform = new Platform { Os = os, Architecture = architecture, Variant = variant },
    };

    private static Descriptor Attestation(Descriptor image) => new()
    {
        MediaType = MediaTypes.OciManifest,
        Digest = Digest.OfSha256(Encoding.UTF8.GetBytes($"attestation of {image.Digest}")),
        Size = 3,
        Platform = new Platform { Os = "unknown", Architecture = "unknown" },
        Annotations = new Dictionary<string, string>
        {
            ["vnd.docker.reference.digest"] = $"{image.Digest}",
            ["vnd.docker.reference.type"] = "attestation-manifest",
        },
    };
}
