using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Copies one image from any place to any other: opens source and target, and lets the target take what it
/// lacks.</summary>
[SupportedOSPlatform("linux")]
public static class ImageCopier
{
    /// <summary>Copies an image.</summary>
    /// <param name="source">The source.</param>
    /// <param name="target">The target.</param>
    /// <param name="options">Compression, format, platform and more; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; the target is unchanged.</param>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<TakenImage> CopyAsync(
        ImagePlace source,
        ImagePlace target,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        RefuseStream(target);
        options ??= new CopyOptions();
        using RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        options = options with { Client = options.Client ?? own };
        OpenedSource opened =
            await OpenedSource.OpenAsync(source, options.Client, options.Platform, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            RefuseArtifact(opened, source, target);
            IImageTarget written = await TargetAtAsync(target, options, cancellationToken).ConfigureAwait(false);
            await using (written.ConfigureAwait(false))
            {
                TakenImage taken = opened.Artifact is { } artifact
                    ? await ((IArtifactTarget)written).TakeAsync(artifact, NamesAt(target, artifact.Names), cancellationToken)
                        .ConfigureAwait(false)
                    : await written.TakeAsync(opened.Image!, NamesAt(target, opened.Image!.Names), progress, cancellationToken)
                        .ConfigureAwait(false);
                await written.CommitAsync(cancellationToken).ConfigureAwait(false);
                return taken;
            }
        }
    }

    // Docker's data root and archives hold images only.
    private static void RefuseArtifact(OpenedSource source, ImagePlace from, ImagePlace to)
    {
        if (source.Artifact is { } artifact && to.Transport is ImageTransport.DockerData or ImageTransport.DockerArchive)
        {
            throw new MalformedDataException(
                Fault.ImageArchive,
                0,
                $"{from}: is an artifact of type {ArchiveDocuments.Shown(artifact.Type)}, not an image; " +
                "copy it to a registry or an OCI layout");
        }
    }

    private static void RefuseStream(ImagePlace to)
    {
        if (to is { Path: OutputFile.StandardOutput, Transport: ImageTransport.Oci })
        {
            throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{to}: a layout is a directory; oci-archive:- writes to standard output");
        }
    }

    private static async Task<IImageTarget> TargetAtAsync(
        ImagePlace to, CopyOptions options, CancellationToken cancellationToken)
    {
        var archive = new ArchiveOptions { Compression = options.Compression };
        return to.Transport switch
        {
            ImageTransport.DockerData => new DockerImageTarget(
                DockerRoot.Open(to.Path, RootOptions(options)), options.LayersAtOnce),
            ImageTransport.DockerArchive => await ArchiveFileTarget
                .OpenAsync(to.Path, stream => new DockerArchiveTarget(stream, archive), cancellationToken).ConfigureAwait(false),
            ImageTransport.Oci => OciLayoutTarget.ToFolder(to.Path, to.Name, archive),
            ImageTransport.OciArchive => await ArchiveFileTarget
                .OpenAsync(to.Path, stream => OciLayoutTarget.ToArchive(stream, to.Name, archive), cancellationToken)
                .ConfigureAwait(false),
            _ => RegistryAt(to, options),
        };
    }

    private static DockerRootOptions RootOptions(CopyOptions options) =>
        new()
        {
            Driver = options.Driver,
            Durability = options.Durability,
            LockWait = options.LockWait,
            Notices = options.Notices,
        };

    private static RegistryImageTarget RegistryAt(ImagePlace to, CopyOptions options)
    {
        ImageReference name = ImageReference.Parse(to.Name!);
        if (name.Digest is not null)
        {
            throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{to}: an image gets its digest from its manifest; name a tag");
        }

        var push = new PushOptions
        {
            Format = options.Format,
            Compression = options.Compression,
            LayersAtOnce = options.LayersAtOnce,
        };
        return new RegistryImageTarget(options.Client!, name, push);
    }

    // A data root and a Docker archive use full image names; a layout takes its ref.name from the place.
    private static IReadOnlyList<ImageReference> NamesAt(ImagePlace to, IReadOnlyList<ImageReference> names) =>
        to.Name is not null && to.Transport is ImageTransport.DockerData or ImageTransport.DockerArchive
            ? [ImageReference.Parse(to.Name!).WithDefaultTag()]
            : [.. names.Where(name => name.Digest is null)];
}
