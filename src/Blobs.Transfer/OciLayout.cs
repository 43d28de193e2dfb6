using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Images;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Reads an OCI image layout (OCI image-spec, image-layout.md): <c>index.json</c> names manifests; everything
/// else is a blob named by its digest.</summary>
internal static class OciLayout
{
    public const string LayoutName = "oci-layout";
    public const string IndexName = "index.json";
    public const string Version = """{"imageLayoutVersion":"1.0.0"}""";

    /// <summary>The layout's name for an image: a tag alone, or any text.</summary>
    public const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The image's full name, as containerd and BuildKit write it.</summary>
    public const string FullNameAnnotation = "io.containerd.image.name";

    private const int IndexDepthMax = 4;

    /// <summary>The images of the layout, in its order; null when it has no <c>index.json</c>. Of several images under
    /// one name it is the one for the requested platform.</summary>
    /// <param name="files">The layout.</param>
    /// <param name="limits">Limits on its documents.</param>
    /// <param name="platform">The requested platform; this machine's when null, and then the only image under a name
    /// may be for another one.</param>
    /// <param name="name">Read only the image of this name; when null, read all, each of which must be for the
    /// platform.</param>
    /// <param name="artifacts">Receives the artifacts of the layout; null to ignore them.</param>
    public static IReadOnlyList<ArchivedImage>? TryRead(
        IArchiveFiles files,
        Limits limits,
        Platform? platform = null,
        string? name = null,
        ICollection<Artifact>? artifacts = null) => TryReadIndex(files, limits) is { } index
            ? [.. new Reader(files, limits, platform, name, artifacts).Images(index)]
            : null;

    /// <summary>The layout's index; null when there is none.</summary>
    public static ImageIndex? TryReadIndex(IArchiveFiles files, Limits limits)
    {
        if (files.TryReadDocument(IndexName, limits.ManifestBytes) is not { } json)
        {
            return null;
        }

        CheckVersion(files, limits);
        return files.Parse(IndexName, () => Manifest.ParseIndex(json, limits)) as ImageIndex
            ?? throw files.Refused("index.json is not an index");
    }

    /// <summary>Reads a manifest and checks its digest; null when the layout does not have it.</summary>
    public static Manifest? TryReadManifest(IArchiveFiles files, Descriptor descriptor, Limits limits)
    {
        if (TryBlob(files, descriptor, limits.ManifestBytes) is not { } json)
        {
            return null;
        }

        string? type = descriptor.MediaType.Length > 0 ? descriptor.MediaType : null;
        Manifest manifest = files.Parse(BlobName(descriptor.Digest), () => Manifest.Parse(json, type, limits));
        return (manifest as ImageManifest)?.WithSizes(blob => SizeOf(files, blob)) ?? manifest;
    }

    /// <summary>The <c>ref.name</c> of an entry; null when it has none.</summary>
    public static string? RefNameOf(Descriptor entry) => entry.Annotations?.GetValueOrDefault(RefNameAnnotation);

    public static string BlobName(Digest digest) =>
        $"blobs/{DigestText.NameOf(digest.Algorithm)}/{digest.Hex}";

    /// <summary>The image name in a descriptor's annotations; null when they have only a tag or nothing.</summary>
    public static ImageReference? NameOf(Descriptor descriptor)
    {
        string? full = descriptor.Annotations?.GetValueOrDefault(FullNameAnnotation);
        string? reference = descriptor.Annotations?.GetValueOrDefault(RefNameAnnotation);
        string? text = full ?? (reference is not null && reference.AsSpan().ContainsAny(':', '/') ? reference : null);
        return ImageReference.TryParse(text, out ImageReference? name) && name.Digest is null ? name.WithDefaultTag() : null;
    }

    private static void CheckVersion(IArchiveFiles files, Limits limits)
    {
        // Some writers omit the file; if it exists, its version must be supported.
        if (files.TryReadDocument(LayoutName, limits.ManifestBytes) is not { } json)
        {
            return;
        }

        using GoDocument document = GoDocument.Parse(json, $"{files.Origin}: {LayoutName}", Fault.ImageArchive);
        string? version = document.Root.Object()["imageLayoutVersion"].Text();
        if (!string.IsNullOrEmpty(version) && !version.StartsWith("1.", StringComparison.Ordinal))
        {
            throw files.Refused($"image layout version {ArchiveDocuments.Shown(version)}, expected 1.0.0");
        }
    }

    /// <summary>Finds the images of an index.</summary>
    private sealed class Reader(
        IArchiveFiles files, Limits limits, Platform? wanted, string? name, ICollection<Artifact>? artifacts)
    {
        private readonly Platform _platform = wanted ?? Platform.Current;
        private readonly string? _fullName =
            ImageReference.TryParse(name, out ImageReference? parsed) ? $"{parsed.WithDefaultTag()}" : null;

        public IEnumerable<ArchivedImage> Images(ImageIndex index)
        {
            var byName = index.Manifests.Where(IsManifest).GroupBy(manifest =>
                (Full: NameOf(manifest)?.ToString(), Reference: RefNameOf(manifest)));
            foreach (var group in byName.Where(group => IsWanted(group.Key.Full, group.Key.Reference)))
            {
                bool isNamed = group.Key != default;
                foreach (Descriptor descriptor in Choose([.. group], isNamed))
                {
                    if (Resolve(descriptor) is { } image)
                    {
                        yield return image;
                    }
                }
            }
        }

        // Without a name, everything but what belongs to another image: a signature of cosign's, or a list of referrers.
        private bool IsWanted(string? full, string? reference) => name is null
            ? reference is null || !ReferrerTags.IsOne(reference)
            : reference == name || (_fullName is not null && full == _fullName);

        // Manifests of one name are one image for several platforms. Unnamed ones are separate images.
        private IReadOnlyList<Descriptor> Choose(Descriptor[] group, bool isNamed)
        {
            IReadOnlyList<Descriptor> best = PlatformChoice.Best(group, _platform);
            if (!isNamed && best.Count > 0)
            {
                best = [.. group.Where(image => image.Platform is null || best.Contains(image))];
            }

            bool isFree = wanted is null && (!isNamed || group.Length == 1);
            return best.Count > 0 ? best
                : isFree || Array.TrueForAll(group, image => image.Platform is null) ? group
                : throw NotFor(group[0], PlatformChoice.Describe(group));
        }

        // A nested index is one image for several platforms.
        private ArchivedImage? Resolve(Descriptor named)
        {
            Descriptor descriptor = named;
            bool isChosen = named.Platform is not null;
            for (int depth = 0; depth < IndexDepthMax; depth++)
            {
                Manifest manifest =
                    TryReadManifest(files, descriptor, limits) ?? throw files.Missing(BlobName(descriptor.Digest));
                if (name is null && manifest.Subject is not null && RefNameOf(named) is null)
                {
                    return null;
                }

                if (manifest is ImageManifest { IsImage: true } image)
                {
                    return Suited(Image(files, named, image, limits), isChosen, descriptor);
                }

                if (manifest is ImageManifest other)
                {
                    artifacts?.Add(ArtifactOf(named, other));
                    return null;
                }

                var index = (ImageIndex)manifest;
                descriptor = index.For(_platform) ?? throw NotFor(descriptor, PlatformChoice.Describe(index.Manifests));
                isChosen |= descriptor.Platform is not null;
            }

            throw files.Refused($"{named.Digest} is an index of indexes, more than {IndexDepthMax} deep");
        }

        private Artifact ArtifactOf(Descriptor named, ImageManifest manifest) => new(
            manifest,
            NameOf(named) is { } own ? [own] : [],
            (blob, _) => files.TryOpen(BlobName(blob.Digest), out long _) is { } content
                ? ValueTask.FromResult(content)
                : throw files.Missing(BlobName(blob.Digest)))
        {
            RefName = RefNameOf(named),
        };

        // If no index states the platform, the config does.
        private ArchivedImage Suited(ArchivedImage image, bool isChosen, Descriptor descriptor) =>
            wanted is null || isChosen || wanted.AcceptsConfig(image.Config.Platform)
                ? image
                : throw NotFor(descriptor, $"only for {image.Config.Platform}");

        private MalformedDataException NotFor(Descriptor descriptor, string offered) =>
            files.Refused($"{NameOf(descriptor)?.ToString() ?? $"{descriptor.Digest}"}: there is no image for {_platform}, {offered}");
    }

    private static long SizeOf(IArchiveFiles files, Descriptor blob)
    {
        using Stream? content = files.TryOpen(BlobName(blob.Digest), out long length);
        return length;
    }

    private static bool IsManifest(Descriptor descriptor) => descriptor.IsManifest && PlatformChoice.IsImage(descriptor);

    private static ArchivedImage Image(IArchiveFiles files, Descriptor named, ImageManifest manifest, Limits limits)
    {
        byte[] config = Blob(files, manifest.Config, limits.ConfigBytes, nameof(Limits.ConfigBytes));
        return new ArchivedImage(files)
        {
            Config = files.Parse(BlobName(manifest.Config.Digest), () => ImageConfig.Parse(config, limits)),
            Manifest = manifest,
            Names = NameOf(named) is { } name ? [name] : [],
            LayerNames = [.. manifest.Layers.Select(layer => BlobName(layer.Digest))],
            RefName = RefNameOf(named),
        };
    }

    private static byte[] Blob(
        IArchiveFiles files, Descriptor descriptor, int bytesMax, string limit = nameof(Limits.ManifestBytes)) =>
        TryBlob(files, descriptor, bytesMax, limit) ?? throw files.Missing(BlobName(descriptor.Digest));

    private static byte[]? TryBlob(
        IArchiveFiles files, Descriptor descriptor, int bytesMax, string limit = nameof(Limits.ManifestBytes))
    {
        if (files.TryReadDocument(BlobName(descriptor.Digest), bytesMax, limit) is not { } bytes)
        {
            return null;
        }

        // A missing size is read as 0; the digest alone then verifies the document.
        long size = descriptor.Size == 0 ? bytes.Length : descriptor.Size;
        using var verified = new VerifyingStream(new MemoryStream(bytes), descriptor.Digest, size);
        try
        {
            verified.CopyTo(Stream.Null);
            return bytes;
        }
        catch (DigestMismatchException fault)
        {
            throw fault.WithName($"{files.Origin}: {BlobName(descriptor.Digest)}");
        }
    }
}
