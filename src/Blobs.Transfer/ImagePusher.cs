using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image from an engine's root to a registry, as <c>docker push</c> sends it.</summary>
[SupportedOSPlatform("linux")]
public static class ImagePusher
{
    /// <summary>
    /// Sends what the repository lacks of an image. Blobs that the registry has are found by what the root knows of them; a layer whose
    /// blob was kept is sent as it once came; others are compressed while they are sent. An image all of which was kept goes with
    /// its own manifest, and has the same digest there. The root notes where its layers are now,
    /// unless a Docker daemon holds it.
    /// </summary>
    /// <param name="client">Who talks to the registry.</param>
    /// <param name="root">Where the image is.</param>
    /// <param name="name">Its name there, which is also where it goes; without a tag, <c>latest</c>.</param>
    /// <param name="options">Format and ways; the defaults when null.</param>
    /// <param name="progress">Told about every layer, on the threads that do the work.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="NotFoundException">The root has no image of that name.</exception>
    /// <exception cref="StoreException">It has not all of it.</exception>
    /// <exception cref="RegistryException">The registry refuses, or cannot be reached.</exception>
    public static async Task<TakenImage> PushAsync(
        RegistryClient client,
        DockerRoot root,
        ImageReference name,
        PushOptions? options = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(name);
        using RootLock reading =
            await root.BeginReadAsync(cancellationToken).ConfigureAwait(false);
        Image image = root.Find(name.Familiar);
        RegistryCredentials? credentials = await client.FindCredentialsAsync(name.Domain, cancellationToken).ConfigureAwait(false);
        var kept = new BlobDirectory(root.Path);
        var history = new BlobHistory(root.Distribution, kept, name, credentials);
        var target = new RegistryImageTarget(client, name, options) { History = history };
        bool isAsItCame = options is null or { Format: null, Compression: null };
        IImageSource source = new DockerImageSource(root, image);
        if (isAsItCame && KeptImageSource.TryOpen(root, kept, image) is { } asItCame)
        {
            source = asItCame;
        }

        TakenImage? taken = null;
        try
        {
            taken = await target.TakeAsync(source, [], progress, cancellationToken).ConfigureAwait(false);
            return taken;
        }
        finally
        {
            // What was sent before a failure need not be sent again either.
            ImageReference? digest = taken is null ? null : name.WithDigest(taken.Manifest!.Value);
            await NoteAsync(root, history, digest, image, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task NoteAsync(
        DockerRoot root, BlobHistory history, ImageReference? digest, Image image, CancellationToken cancellationToken)
    {
        try
        {
            using RootLock writing = await root.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
            history.WriteDown();
            if (digest is not null)
            {
                root.Names.Set(digest, image.Id);
            }
        }
        catch (RootBusyException)
        {
            // Notes spare later pushes work, and are worth neither an error nor a daemon's trust.
        }
    }
}
