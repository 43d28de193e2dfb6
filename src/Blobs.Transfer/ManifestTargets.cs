using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Opens places that take manifests as they are.</summary>
[SupportedOSPlatform("linux")]
internal static class ManifestTargets
{
    /// <summary>Whether a place keeps manifests, and so can hold indexes and artifacts.</summary>
    public static bool KeepsManifests(this ImagePlace place) =>
        place.Transport is ImageTransport.Registry or ImageTransport.Oci or ImageTransport.OciArchive;

    /// <summary>Opens a place to write to. An archive is written anew.</summary>
    public static async Task<IManifestTarget> OpenAsync(ImagePlace to, CopyOptions options, CancellationToken cancellationToken)
    {
        switch (to.Transport)
        {
            case ImageTransport.Registry:
                return new RegistryManifests(options.Client!.Repository(ImageReference.Parse(to.Name!)), options.LayersAtOnce);
            case ImageTransport.Oci:
                return new LayoutManifestTarget(new FolderLayoutWriter(to.Path, options.Limits, keepsBlobs: true), null);
            default:
                OutputFile file = await OutputFile.OpenAsync(to.Path, cancellationToken).ConfigureAwait(false);
                return new LayoutManifestTarget(new ArchiveLayoutWriter(file.Stream, forwardOnly: false), file);
        }
    }

    /// <summary>The name that a manifest gets at a place: the place's, or else its own.</summary>
    public static ManifestName NameAt(ImagePlace to, ManifestName own)
    {
        if (to.Transport != ImageTransport.Registry)
        {
            return to.Name is null ? own : new ManifestName(to.Name);
        }

        ImageReference name = ImageReference.Parse(to.Name!).WithDefaultTag();
        return name.Digest is null
            ? new ManifestName(name.Tag!)
            : throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{to}: what is copied gets its digest from its manifest; name a tag");
    }
}
