using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// Copies from any place to any other: opens source and target, and lets the target take what it lacks. Between registries
/// and OCI layouts, an index stays what it is, and so does an artifact. A Docker data root, podman's store and
/// an archive of <c>docker save</c> hold images only, and take that of one platform.
/// </summary>
[SupportedOSPlatform("linux")]
public static class ImageCopier
{
    /// <summary>Copies an image, an index, or an artifact.</summary>
    /// <param name="source">The source.</param>
    /// <param name="target">The target.</param>
    /// <param name="options">Compression, format, platform and more; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; blobs that were copied whole may stay, and the next copy skips
    /// them.</param>
    /// <exception cref="BlobsException">Source or target failed.</exception>
    public static async Task<CopyResult> CopyAsync(
        ImagePlace source,
        ImagePlace target,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new CopyOptions();
        OpenTarget.RefuseStream(target);
        RefuseOptions(target, options);
        using RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        options = options with { Client = options.Client ?? own };
        using NamedManifest? named =
            await NamedManifest.TryOpenAsync(source, options.Client!, options.Limits, cancellationToken).ConfigureAwait(false);
        if (named is not null && IsKept(named.Manifest, target, options))
        {
            RefuseRewriting(source, named.Manifest, options);
            return await ContentCopy.RunAsync(named, target, options, progress, cancellationToken).ConfigureAwait(false);
        }

        if (options.WithReferrers)
        {
            throw new MalformedDataException(
                Fault.ImageArchive, 0, $"{source}: holds no manifest that referrers could refer to, or names several");
        }

        RefuseImageless(source, named?.Manifest, options.Platform);
        return await CopyImageAsync(source, named?.Manifest, target, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CopyResult> CopyImageAsync(
        ImagePlace source,
        Manifest? named,
        ImagePlace target,
        CopyOptions options,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        OpenedSource opened =
            await OpenedSource.OpenAsync(source, options.Client!, named, options.Platform, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            bool isChosen = named is ImageIndex && options.Platform is null;
            if (isChosen)
            {
                options.Notices?.Report($"{target}: cannot hold an index; copying the image for {opened.Image!.Config.Platform}");
            }

            IReadOnlyList<ImageReference> names = OpenTarget.NamesAt(target, opened.Image!.Names);
            TakenImage taken = await OpenTarget.WriteAsync(
                target, options, written => written.TakeAsync(opened.Image, names, progress, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            return new CopyResult
            {
                Digest = taken.Manifest ?? taken.Id,
                Image = taken,
                Platform = isChosen ? opened.Image!.Config.Platform : null,
                NewBlobs = taken.NewLayers,
            };
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
        return await OpenTarget.WriteAsync(
            target,
            options,
            written => image.SendAsync(written, OpenTarget.NamesAt(target, []), progress, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    // What is kept as it is: an index of which no image was asked for, an artifact, and everything with its referrers. A single
    // image may have to change: a layout gets an OCI manifest, as its readers expect.
    private static bool IsKept(Manifest manifest, ImagePlace target, CopyOptions options) => target.KeepsManifests
        && (options.WithReferrers
            || (manifest is ImageIndex && options.Platform is null)
            || manifest is ImageManifest { IsImage: false });

    private static void RefuseOptions(ImagePlace target, CopyOptions options)
    {
        if (!options.WithReferrers)
        {
            return;
        }

        if (!target.KeepsManifests)
        {
            throw new MalformedDataException(Fault.ReferenceSyntax, 0, $"{target}: holds images only, and no referrers");
        }

        if (options.Compression is not null || options.Format is not null || options.Platform is not null)
        {
            throw new ArgumentException("Referrers name the manifest as it is, which must not change or be chosen.", nameof(options));
        }
    }

    private static void RefuseRewriting(ImagePlace source, Manifest manifest, CopyOptions options)
    {
        if (options.Compression is null && options.Format is null)
        {
            return;
        }

        throw new MalformedDataException(
            Fault.ReferenceSyntax,
            0,
            manifest is ImageIndex
                ? $"{source}: is an index, which is copied as it is; --platform chooses one image, whose compression or format can change"
                : $"{source}: is an artifact, which is copied as it is; its compression and format cannot be changed");
    }

    // Docker's data root and archives, and podman's store, hold images only.
    private static void RefuseImageless(ImagePlace source, Manifest? named, Platform? platform)
    {
        if (named is ImageManifest { IsImage: false } artifact)
        {
            string type = ArchiveDocuments.Shown(Artifact.TypeOf(artifact));
            throw new MalformedDataException(
                Fault.ImageArchive, 0, $"{source}: is an artifact of type {type}, not an image; copy it to a registry or an OCI layout");
        }

        IReadOnlyList<Descriptor> best =
            named is ImageIndex index ? PlatformChoice.Best(index.Manifests, platform ?? Platform.Current) : [];
        if (best.Count > 1 && best[0].Platform is null)
        {
            throw new MalformedDataException(
                Fault.ImageArchive,
                0,
                $"{source}: is an index of {best.Count} manifests without a platform, so none can be chosen; " +
                "copy it to a registry or an OCI layout, or name one by its digest");
        }
    }
}
