using System.Text.Json;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Reads an OCI image layout (OCI image-spec image-layout.md): <c>index.json</c> names manifests, everything else is a
/// blob under its digest.</summary>
internal static class OciLayout
{
    public const string LayoutName = "oci-layout";
    public const string IndexName = "index.json";
    public const string Version = """{"imageLayoutVersion":"1.0.0"}""";

    /// <summary>What the layout calls an image: a tag by itself, or whatever its maker likes.</summary>
    public const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The image's full name, as containerd and BuildKit write it.</summary>
    public const string FullNameAnnotation = "io.containerd.image.name";

    private const int IndexDepthMax = 4;

    /// <summary>The images of the layout, in its order; null when it has no <c>index.json</c>. Where one name stands for several
    /// platforms it is the image for this one.</summary>
    public static IReadOnlyList<ArchivedImage>? TryRead(IArchiveFiles files, Limits limits)
    {
        if (files.TryReadDocument(IndexName, limits.ManifestBytes) is not { } json)
        {
            return null;
        }

        CheckVersion(files, limits);
        return Manifest.Parse(json, limits: limits) is ImageIndex index
            ? [.. Images(files, index, limits)]
            : throw files.Refused("index.json is not an index");
    }

    public static string BlobName(Digest digest) =>
        $"blobs/{(digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512")}/{digest.Hex}";

    /// <summary>The name that images can have of what a layout calls them; null when it is only a tag or nothing at all.</summary>
    public static ImageReference? NameOf(Descriptor descriptor)
    {
        string? full = descriptor.Annotations?.GetValueOrDefault(FullNameAnnotation);
        string? reference = descriptor.Annotations?.GetValueOrDefault(RefNameAnnotation);
        string? text = full ?? (reference is not null && reference.AsSpan().ContainsAny(':', '/') ? reference : null);
        return ImageReference.TryParse(text, out ImageReference? name) && name.Digest is null ? name.WithDefaultTag() : null;
    }

    private static void CheckVersion(IArchiveFiles files, Limits limits)
    {
        // Some writers of layouts forget the file; one that is there must say what it should.
        if (files.TryReadDocument(LayoutName, limits.ManifestBytes) is not { } json)
        {
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            string? version = document.RootElement.GetProperty("imageLayoutVersion").GetString();
            if (version is null || !version.StartsWith("1.", StringComparison.Ordinal))
            {
                throw files.Refused($"image layout version {ArchiveDocuments.Shown(version ?? "")}, expected 1.0.0");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw files.Refused("oci-layout does not parse");
        }
    }

    private static IEnumerable<ArchivedImage> Images(IArchiveFiles files, ImageIndex index, Limits limits)
    {
        var byName = index.Manifests.Where(IsManifest).GroupBy(manifest =>
            (NameOf(manifest)?.ToString(), manifest.Annotations?.GetValueOrDefault(RefNameAnnotation)));
        foreach (IEnumerable<Descriptor> group in byName)
        {
            Descriptor[] fitting = [.. group.Where(IsForThisPlatform)];
            foreach (Descriptor descriptor in fitting.Length > 0 ? fitting : group)
            {
                if (Resolve(files, descriptor, limits) is { } image)
                {
                    yield return image;
                }
            }
        }
    }

    private static bool IsManifest(Descriptor descriptor) =>
        MediaTypes.IsImageManifest(descriptor.MediaType) || MediaTypes.IsIndex(descriptor.MediaType);

    private static bool IsForThisPlatform(Descriptor descriptor) =>
        descriptor.Platform is null || Platform.Current.Accepts(descriptor.Platform);

    // An index inside the index stands for one image on several platforms.
    private static ArchivedImage? Resolve(IArchiveFiles files, Descriptor named, Limits limits)
    {
        Descriptor descriptor = named;
        for (int depth = 0; depth < IndexDepthMax; depth++)
        {
            Manifest manifest = Manifest.Parse(Blob(files, descriptor, limits.ManifestBytes), descriptor.MediaType, limits);
            if (manifest is ImageManifest image)
            {
                return IsImage(image) ? Image(files, named, image, limits) : null;
            }

            descriptor = ((ImageIndex)manifest).For(Platform.Current)
                ?? throw files.Refused($"{descriptor.Digest} has no image for {Platform.Current}");
        }

        throw files.Refused($"{named.Digest} is an index of indexes, more than {IndexDepthMax} deep");
    }

    // Signatures, charts and other things travel as manifests too.
    private static bool IsImage(ImageManifest manifest) => manifest.Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

    private static ArchivedImage Image(IArchiveFiles files, Descriptor named, ImageManifest manifest, Limits limits) => new(files)
    {
        Config = ImageConfig.Parse(Blob(files, manifest.Config, limits.ConfigBytes), limits),
        Manifest = manifest,
        Names = NameOf(named) is { } name ? [name] : [],
        Layers = [.. manifest.Layers.Select(layer => BlobName(layer.Digest))],
        RefName = named.Annotations?.GetValueOrDefault(RefNameAnnotation),
    };

    private static byte[] Blob(IArchiveFiles files, Descriptor descriptor, int bytesMax)
    {
        byte[] bytes = files.ReadDocument(BlobName(descriptor.Digest), bytesMax);
        using var verified = new VerifyingStream(new MemoryStream(bytes), descriptor.Digest, descriptor.Size);
        verified.CopyTo(Stream.Null);
        return bytes;
    }
}
