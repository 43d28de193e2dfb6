using System.Text;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Transfer;

/// <summary>
/// A layout with an index of three platforms and BuildKit's attestation of each, a signature of the index, an SBOM of one image
/// and a signature of that SBOM as referrers, and a signature, an attestation and an SBOM under cosign's tags.
/// </summary>
internal sealed class IndexedLayout
{
    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

    private readonly string _folder;
    private readonly List<Descriptor> _entries = [];

    public IndexedLayout(string folder, string? refName = "1")
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "blobs/sha256"));
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        Images = [.. Platforms.Select(Image)];
        Index = ManifestWriter.Index(MediaTypes.OciIndex, [.. Images, .. Images.Select(Attestation)]);
        Write(Index);
        _entries.Add(Named(Index, refName));
        Descriptor signature = Artifact("application/vnd.example.signature", "signature of the index", Index.Describe());
        Descriptor bill = Artifact("application/spdx+json", "SBOM", Images[0] with { Platform = null });
        Artifact("application/vnd.example.signature", "signature of the SBOM", bill with { ArtifactType = null });
        Signature = signature.Digest;
        foreach ((string suffix, Digest subject) in
            new[] { (".sig", Index.Digest), (".att", Index.Digest), (".sbom", Images[1].Digest) })
        {
            Cosign(subject, suffix);
        }

        Save();
    }

    /// <summary>Manifests in all: the index, three images and attestations, three referrers, and three of cosign.</summary>
    public const int ManifestCount = 13;

    public ImageIndex Index { get; }

    /// <summary>The images, with their platforms.</summary>
    public IReadOnlyList<Descriptor> Images { get; }

    public Digest Signature { get; }

    /// <summary>The digests of every blob and manifest.</summary>
    public IReadOnlySet<string> Digests => DigestsIn(_folder);

    public static IReadOnlySet<string> DigestsIn(string folder) =>
        Directory.GetFiles(Path.Combine(folder, "blobs/sha256")).Select(file => $"sha256:{Path.GetFileName(file)}").ToHashSet();

    public void Lose(Digest digest) => File.Delete(Path.Combine(_folder, "blobs/sha256", digest.Hex));

    /// <summary>Adds an entry to <c>index.json</c>.</summary>
    public void Add(Manifest manifest, string? refName = null)
    {
        Write(manifest);
        _entries.Add(Named(manifest, refName));
        Save();
    }

    public Descriptor Blob(string content, string mediaType) => Blob(Encoding.UTF8.GetBytes(content), mediaType);

    private Descriptor Image(string platform)
    {
        Assert.True(Platform.TryParse(platform, out Platform? parsed));
        byte[] layer = SampleImage.Layer(platform);
        string variant = parsed!.Variant is null ? "" : $"\"variant\":\"{parsed.Variant}\",";
        string config =
            $$$"""
            {"os":"linux","architecture":"{{{parsed.Architecture}}}",{{{variant}}}"rootfs":{"type":"layers","diff_ids":["{{{Digest.OfSha256(layer)}}}"]}}
            """;
        ImageManifest manifest = ManifestWriter.Image(
            MediaTypes.OciManifest, Blob(config, MediaTypes.OciConfig), [Blob(layer, MediaTypes.OciLayer)]);
        return Write(manifest) with { Platform = parsed };
    }

    private Descriptor Attestation(Descriptor image)
    {
        Descriptor statement = Blob($"provenance of {image.Digest}", "application/vnd.in-toto+json");
        string config = $$$"""{"os":"unknown","architecture":"unknown","rootfs":{"type":"layers","diff_ids":["{{{statement.Digest}}}"]}}""";
        ImageManifest manifest = ManifestWriter.Image(MediaTypes.OciManifest, Blob(config, MediaTypes.OciConfig), [statement]);
        return Write(manifest) with
        {
            Platform = new Platform { Os = "unknown", Architecture = "unknown" },
            Annotations = new Dictionary<string, string>
            {
                ["vnd.docker.reference.digest"] = $"{image.Digest}",
                ["vnd.docker.reference.type"] = "attestation-manifest",
            },
        };
    }

    private Descriptor Artifact(string type, string content, Descriptor subject)
    {
        Blob("{}", MediaTypes.OciEmpty);
        ImageManifest manifest = ManifestWriter.Artifact(type, [Blob(content, type)], subject);
        _entries.Add(Write(manifest) with { ArtifactType = type });
        return _entries[^1];
    }

    private void Cosign(Digest subject, string suffix)
    {
        Descriptor payload = Blob($"cosign{suffix} {subject}", "application/vnd.dev.cosign.simplesigning.v1+json");
        Descriptor config = Blob($$$"""{"rootfs":{"type":"layers","diff_ids":["{{{payload.Digest}}}"]}}""", MediaTypes.OciConfig);
        ImageManifest manifest = ManifestWriter.Image(MediaTypes.OciManifest, config, [payload]);
        Write(manifest);
        _entries.Add(Named(manifest, $"sha256-{subject.Hex}{suffix}"));
    }

    private Descriptor Write(Manifest manifest)
    {
        Blob(manifest.Bytes.ToArray(), manifest.MediaType);
        return manifest.Describe();
    }

    private Descriptor Blob(byte[] content, string mediaType)
    {
        Digest digest = Digest.OfSha256(content);
        File.WriteAllBytes(Path.Combine(_folder, "blobs/sha256", digest.Hex), content);
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = content.Length };
    }

    private static Descriptor Named(Manifest manifest, string? refName) => manifest.Describe() with
    {
        Annotations = refName is null ? null : new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = refName },
    };

    private void Save() => File.WriteAllBytes(
        Path.Combine(_folder, "index.json"), ManifestWriter.Index(MediaTypes.OciIndex, _entries).Bytes.ToArray());
}
