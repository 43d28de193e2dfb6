using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Pushes an image from a Docker data root to a registry, as <c>docker push</c> does.</summary>
[SupportedOSPlatform("linux")]
public static class ImagePusher
{
    /// <summary>
    /// Sends the parts of an image that the repository lacks. The root's records help find blobs that the registry has
    /// already. Kept blobs are sent unchanged; other layers are compressed while they are sent. An image whose blobs
    /// are all kept is sent with its original manifest, so it keeps its digest. Unless a Docker daemon uses the root,
    /// it records which blobs the registry now has.
    /// </summary>
    /// <param name="root">The data root that has the image.</param>
    /// <param name="name">Its name in the root, which is also its target; without a tag, <c>latest</c>.</param>
    /// <param name="client">The registry client.</param>
    /// <param name="options">Format, compression, parallelism; the defaults when null.</param>
    /// <param name="progress">Receives the progress of every layer, on the working threads.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="NotFoundException">The root has no image of that name.</exception>
    /// <exception cref="StoreException">The root lacks a part of it.</exception>
    /// <exception cref="RegistryException">The registry refuses the request, or cannot be reached.</exception>
    public static async Task<TakenImage> PushAsync(
        DockerRoot root,
        ImageReference name,
        RegistryClient client,
        PushOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(client);
        using RootLock reading = await root.BeginReadAsync(cancellationToken).ConfigureAwait(false);
        Image image = root.Find(name.Familiar);
        var kept = new BlobDirectory(root.Path);
        var history = new BlobHistory(root.Distribution, kept, name);
        var target = new RegistryImageTarget(client, name, options) { History = history };
        bool isUnchanged = options is null or { Format: null, Compression: null };
        IImageSource? original = isUnchanged ? KeptImageSource.TryOpen(root, kept, image) : null;
        IImageSource source = original ?? new DockerImageSource(root, image);

        TakenImage? taken = null;
        try
        {
            taken = await target.TakeAsync(source, [], progress, cancellationToken).ConfigureAwait(false);
            return taken;
        }
        finally
        {
            // Record the blobs sent before a failure too, so that they need not be sent again.
            ImageReference? digest = taken is null ? null : name.WithDigest(taken.Manifest!.Value);
            await RecordAsync(root, history, digest, image, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task RecordAsync(
        DockerRoot root, BlobHistory history, ImageReference? digest, Image image, CancellationToken cancellationToken)
    {
        try
        {
            using DockerRootChange change = await root.BeginChangeAsync(cancellationToken).ConfigureAwait(false);
            history.SaveTo(change);
            if (digest is not null)
            {
                change.SetName(digest, image.Id);
            }
        }
        catch (RootBusyException)
        {
            // The records only save later pushes work. Their loss is no error, and not worth disturbing a daemon.
        }
    }
}
