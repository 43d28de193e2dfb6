using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Distribution.Storage;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image from a registry into an engine's root, as <c>docker pull</c> leaves it.</summary>
[SupportedOSPlatform("linux")]
public static class ImagePuller
{
    /// <summary>
    /// Fetches what the root lacks of an image. A layer is unpacked while its bytes arrive; connections that break go on where they
    /// stopped. Layers that are whole stay when the pull fails, so that the next one has less to do; with kept blobs the
    /// others go on in the middle, too. Others may write to the root meanwhile, but no daemon starts on it.
    /// </summary>
    /// <param name="client">Who talks to the registry.</param>
    /// <param name="reference">The image's name; without tag and digest it is <c>latest</c>.</param>
    /// <param name="root">Where it goes. It gets the name it was asked for by, and the one with its digest.</param>
    /// <param name="options">Platform and ways; the defaults when null.</param>
    /// <param name="progress">Told about every layer, on the threads that do the work.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="RegistryException">The registry refuses, or cannot be reached.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, a Docker daemon holds it, or garbage is collected where blobs
    /// are kept.</exception>
    /// <exception cref="MalformedDataException">Something that came breaks its format.</exception>
    /// <exception cref="DigestMismatchException">Something else came than was asked for.</exception>
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
        using RootLock taken = await root.BeginUnpackingAsync(cancellationToken).ConfigureAwait(false);
        RegistryImageSource source = await RegistryImageSource.OpenAsync(
            client, reference, options.Platform, root.Layers.Limits, Known, cancellationToken).ConfigureAwait(false);

        // No registry names the kept blobs: nobody may take them for garbage before they are whole.
        using IDisposable? held = options.KeepBlobs ? new FileSystemStorage(root.Path).Lock(StorageUse.Write) : null;
        BlobDirectory? blobs = options.KeepBlobs ? new BlobDirectory(root.Path) : null;
        blobs?.SweepUploads();
        var target = new DockerImageTarget(root, options.LayersAtOnce) { KeepsWholeLayers = true, Blobs = blobs };
        await using (target.ConfigureAwait(false))
        {
            TakenImage image = await target.TakeAsync(
                source, [.. source.Names, source.Reference.WithDigest(source.Digest)], progress, cancellationToken).ConfigureAwait(false);
            foreach (Manifest document in blobs is null ? [] : source.Documents)
            {
                await KeptImageSource.KeepAsync(blobs!, document, cancellationToken).ConfigureAwait(false);
            }

            return image with { Manifest = source.Digest };
        }
    }
}
