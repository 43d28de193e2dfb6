using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Opens places that take manifests as they are.</summary>
[SupportedOSPlatform("linux")]
internal static class ManifestTargets
{
    /// <summary>Opens a place to write to. An archive is written anew.</summary>
    public static async Task<IManifestTarget> OpenAsync(ImagePlace to, CopyOptions options, CancellationToken cancellationToken)
    {
        switch (to.Transport)
        {
            case ImageTransport.Registry:
                return new RegistryManifests(options.ClientOfTarget.Repository(ImageReference.Parse(to.Name!)), options.LayersAtOnce);
            case ImageTransport.Oci:
                return new LayoutManifestTarget(new FolderLayoutWriter(to.Path, options.Limits, keepsBlobs: true), null);
            default:
                OutputFile file = await OutputFile.OpenAsync(to.Path, cancellationToken).ConfigureAwait(false);
                return new LayoutManifestTarget(new ArchiveLayoutWriter(file.Stream, forwardOnly: false), file);
        }
    }

    /// <summary>Opens a place to change it. What else an archive holds stays.</summary>
    public static async Task<IManifestTarget> OpenForChangeAsync(
        ImagePlace to, CopyOptions options, CancellationToken cancellationToken)
    {
        if (to.Transport != ImageTransport.OciArchive)
        {
            return await OpenAsync(to, options, cancellationToken).ConfigureAwait(false);
        }

        TarFiles existing =
            await TarFiles.OpenAsync(to.Path, FileHandle.OpenRead(to.Path), leaveOpen: false, options.Limits, cancellationToken)
                .ConfigureAwait(false);
        using (existing)
        {
            ImageIndex index =
                OciLayout.TryReadIndex(existing, options.Limits) ?? throw existing.Refused("is not an OCI layout: it has no index.json");
            OutputFile file = await OutputFile.OpenAsync(to.Path, cancellationToken).ConfigureAwait(false);
            try
            {
                var writer = new ArchiveLayoutWriter(file.Stream, forwardOnly: false);
                await writer.TakeOverAsync(existing, index, cancellationToken).ConfigureAwait(false);
                return new LayoutManifestTarget(writer, file);
            }
            catch
            {
                await file.DisposeAsync().ConfigureAwait(false);
                throw;
            }
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
