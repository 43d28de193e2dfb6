using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Images;

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
        OpenTarget.RefuseStream(target);
        options ??= new CopyOptions();
        using RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        options = options with { Client = options.Client ?? own };
        OpenedSource opened =
            await OpenedSource.OpenAsync(source, options.Client, options.Platform, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            RefuseArtifact(opened, source, target);
            IImageTarget written = await OpenTarget.AtAsync(target, options, cancellationToken).ConfigureAwait(false);
            await using (written.ConfigureAwait(false))
            {
                TakenImage taken = opened.Artifact is { } artifact
                    ? await ((IArtifactTarget)written).TakeAsync(artifact, OpenTarget.NamesAt(target, artifact.Names), cancellationToken)
                        .ConfigureAwait(false)
                    : await written.TakeAsync(opened.Image!, OpenTarget.NamesAt(target, opened.Image!.Names), progress, cancellationToken)
                        .ConfigureAwait(false);
                await written.CommitAsync(cancellationToken).ConfigureAwait(false);
                return taken;
            }
        }
    }

    /// <summary>Sends an image that was made or changed in this program to a place.</summary>
    /// <param name="image">The image. Its sources must be open.</param>
    /// <param name="target">The target.</param>
    /// <param name="options">Compression, format and more; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; the target is unchanged.</param>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<TakenImage> SendAsync(
        OciImage image,
        ImagePlace target,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        OpenTarget.RefuseStream(target);
        options ??= new CopyOptions();
        using RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        options = options with { Client = options.Client ?? own };
        IImageTarget written = await OpenTarget.AtAsync(target, options, cancellationToken).ConfigureAwait(false);
        await using (written.ConfigureAwait(false))
        {
            TakenImage taken = await image.SendAsync(written, OpenTarget.NamesAt(target, []), progress, cancellationToken)
                .ConfigureAwait(false);
            await written.CommitAsync(cancellationToken).ConfigureAwait(false);
            return taken;
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
}
