using System.Collections.Immutable;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>
/// An index as a value: the manifests of one image for several platforms, with their attestations. Changes give a new index;
/// what they do not concern keeps its bytes and its position, known or not.
/// </summary>
public sealed record OciIndex
{
    // BuildKit says by this annotation which image an attestation is about.
    private const string ReferenceDigest = "vnd.docker.reference.digest";

    private readonly ImageIndex? _origin;

    private OciIndex(ImageIndex? origin, ImmutableArray<Descriptor> manifests)
    {
        _origin = origin;
        Manifests = manifests;
        Annotations = origin?.Annotations ?? ImmutableDictionary<string, string>.Empty;
    }

    /// <summary>An index without manifests.</summary>
    public static OciIndex Empty { get; } = new(null, []);

    /// <summary>The manifests.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; private init; }

    /// <summary>The annotations of the index.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>An index that exists.</summary>
    public static OciIndex From(ImageIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new OciIndex(index, [.. index.Manifests]);
    }

    /// <summary>This index with a manifest more, which replaces the one for the same platform and that one's
    /// attestations.</summary>
    /// <param name="manifest">The manifest, with its platform if it is an image.</param>
    public OciIndex Add(Descriptor manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        bool replaces = manifest.Platform is not null && PlatformChoice.IsImage(manifest);
        OciIndex rest = Without(one => one.Digest == manifest.Digest || (replaces && IsFor(one, manifest.Platform!)), manifest.Digest);
        return rest with { Manifests = [.. rest.Manifests, manifest] };
    }

    /// <summary>This index without the images for a platform, and without their attestations.</summary>
    public OciIndex Remove(Platform platform)
    {
        ArgumentNullException.ThrowIfNull(platform);
        return Without(one => IsFor(one, platform), null);
    }

    /// <summary>This index without a manifest, and without the attestations about it.</summary>
    public OciIndex Remove(Digest manifest) => Without(one => one.Digest == manifest, null);

    /// <summary>The document. One that was changed in nothing has the bytes that it came with.</summary>
    public ImageIndex ToManifest()
    {
        if (_origin is null || IsOutgrown(_origin))
        {
            bool isDocker = Annotations.Count == 0 && Manifests.Count > 0
                && Manifests.All(one => one.MediaType is MediaTypes.DockerManifest or MediaTypes.DockerList);
            return ManifestWriter.Index(isDocker ? MediaTypes.DockerList : MediaTypes.OciIndex, Manifests, Annotations);
        }

        bool hasOwnAnnotations = ReferenceEquals(Annotations, _origin.Annotations);
        if (hasOwnAnnotations && _origin.Manifests.SequenceEqual(Manifests))
        {
            return _origin;
        }

        var kept = Manifests.ToHashSet();
        var old = _origin.Manifests.ToHashSet();
        ImageIndex edited = ManifestEdit.Index(_origin, kept.Contains, [.. Manifests.Where(one => !old.Contains(one))]);
        return hasOwnAnnotations ? edited : (ImageIndex)ManifestEdit.Annotate(edited, Annotations);
    }

    // Docker's list has no place for annotations, nor for manifests of OCI.
    private bool IsOutgrown(ImageIndex origin) => origin.MediaType == MediaTypes.DockerList
        && (Annotations.Count > 0 || Manifests.Any(one => MediaTypes.FormatOf(one.MediaType) == ManifestFormat.Oci));

    private OciIndex Without(Func<Descriptor, bool> isRemoved, Digest? stays)
    {
        HashSet<string> gone = [.. Manifests.Where(one => isRemoved(one) && one.Digest != stays).Select(one => $"{one.Digest}")];
        return this with
        {
            Manifests = [.. Manifests.Where(one => !isRemoved(one) && !IsAbout(one, gone))],
        };
    }

    private static bool IsAbout(Descriptor manifest, HashSet<string> subjects) =>
        manifest.Annotations?.GetValueOrDefault(ReferenceDigest) is { } subject && subjects.Contains(subject);

    // linux/arm64 and linux/arm64/v8 are the same; versions of Windows are not.
    private static bool IsFor(Descriptor manifest, Platform platform) => PlatformChoice.IsImage(manifest)
        && manifest.Platform is { } own
        && PlatformChoice.Normalize(own) with { OsFeatures = null } == PlatformChoice.Normalize(platform) with { OsFeatures = null };
}
