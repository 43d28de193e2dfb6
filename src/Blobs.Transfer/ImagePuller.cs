using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Pulls an image from a registry into a Docker data root, with the same result as <c>docker pull</c>, or into another
/// place of images.</summary>
[SupportedOSPlatform("linux")]
public static class ImagePuller
{
    /// <summary>
    /// Fetches the parts of an image that the root lacks. A layer is unpacked while its bytes arrive; broken
    /// connections are resumed. Complete layers stay when the pull fails, so that the next one has less to do; with
    /// kept blobs it also resumes partial layers. Other writers may use the root meanwhile, but no daemon can start on
    /// it.
    /// </summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">The image's name; without tag and digest it is <c>latest</c>.</param>
    /// <param name="root">The data root. The image gets the requested name there, and the one with its digest.</param>
    /// <param name="options">Platform, parallelism, kept blobs; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="RegistryException">The registry refuses the request, or cannot be reached.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, a Docker daemon uses it, or its kept
    /// blobs are being garbage-collected.</exception>
    /// <exception cref="MalformedDataException">The registry sent something malformed.</exception>
    /// <exception cref="DigestMismatchException">The registry sent something with another digest.</exception>
    public static async Task<TakenImage> PullAsync(
        RegistryClient client,
        ImageReference reference,
        DockerRoot root,
        PullOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(root);
        options ??= new PullOptions();
        ImageConfig? Known(Digest id) => root.Images.TryGet(id)?.Config;
        using RootLock rootLock = await root.BeginUnpackingAsync(cancellationToken).ConfigureAwait(false);
        RegistryImageSource source = await RegistryImageSource.OpenAsync(
            client, reference, options.Platform, root.Layers.Limits, Known, cancellationToken).ConfigureAwait(false);

        BlobDirectory? blobs = options.KeepBlobs ? new BlobDirectory(root.Path) : null;
        blobs?.SweepUploads();
        TakenImage image = await TrustingMirrorsAsync(
            source, () => TakeAsync(source, root, options, blobs, progress, cancellationToken)).ConfigureAwait(false);
        foreach (Manifest document in blobs is null ? [] : source.Documents)
        {
            await KeptImageSource.KeepAsync(blobs!, document, cancellationToken).ConfigureAwait(false);
        }

        return image with { Manifest = source.Digest };
    }

    /// <summary>Fetches an image into a place: a store of podman, for example, or a directory of EROFS images. A layer is
    /// unpacked while its bytes arrive; broken connections are resumed.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="reference">The image's name, which it also gets there; without tag and digest it is
    /// <c>latest</c>.</param>
    /// <param name="to">The place, without the name of an image.</param>
    /// <param name="options">Platform, parallelism, and how to write; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The image, with the digest that the name refers to in the registry.</returns>
    /// <exception cref="RegistryException">The registry refuses the request, or cannot be reached.</exception>
    /// <exception cref="MalformedDataException">The registry sent something malformed.</exception>
    /// <exception cref="DigestMismatchException">The registry sent something with another digest.</exception>
    public static async Task<TakenImage> PullAsync(
        RegistryClient client,
        ImageReference reference,
        ImagePlace to,
        CopyOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(to);
        options = (options ?? new CopyOptions()) with { Client = client };
        RegistryImageSource source = await RegistryImageSource
            .OpenAsync(client, reference, options.Platform, options.Limits, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ImageReference> names = source.Names.Count > 0 ? source.Names : [source.Reference];
        TakenImage image = await TrustingMirrorsAsync(source, () => OpenTarget.WriteAsync(
            to, options, target => target.TakeAsync(source, names, progress, cancellationToken), cancellationToken)).ConfigureAwait(false);
        return image with { Manifest = source.Digest };
    }

    // A mirror may have had something else; layers that were right are there already.
    private static async Task<TakenImage> TrustingMirrorsAsync(RegistryImageSource source, Func<Task<TakenImage>> take)
    {
        try
        {
            return await take().ConfigureAwait(false);
        }
        catch (BlobsException fault) when (source.HasUsedMirrors && IsOfContent(fault))
        {
            return await take().ConfigureAwait(false);
        }
    }

    // Wrong bytes need not get as far as their digest.
    private static bool IsOfContent(BlobsException fault) =>
        fault is DigestMismatchException or MalformedDataException or LimitExceededException;

    private static async Task<TakenImage> TakeAsync(
        RegistryImageSource source,
        DockerRoot root,
        PullOptions options,
        BlobDirectory? blobs,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var target = new DockerImageTarget(root, options.LayersAtOnce) { KeepsWholeLayers = true, Blobs = blobs };
        await using (target.ConfigureAwait(false))
        {
            return await target.TakeAsync(
                source, [.. source.Names, source.Reference.WithDigest(source.Digest)], progress, cancellationToken).ConfigureAwait(false);
        }
    }
}
