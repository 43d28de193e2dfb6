using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>
/// Writes images into a containerd that runs. Missing layers are read in parallel, each in one pass: verified, sent to the content
/// store, and unpacked into a snapshot. A lease keeps the collector off until the image has its name.
/// </summary>
public sealed class ContainerdImageTarget : IImageTarget
{
    private readonly ContainerdStore _store;
    private readonly int _layersAtOnce;
    private readonly bool _ownsStore;

    /// <param name="store">The namespace.</param>
    /// <param name="layersAtOnce">The maximum number of layers to read in parallel; null chooses a number that suits
    /// the machine. Each takes two threads and 12 MiB.</param>
    /// <param name="ownsStore">Whether the connection ends with the target.</param>
    public ContainerdImageTarget(ContainerdStore store, int? layersAtOnce = null, bool ownsStore = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _ownsStore = ownsStore;
        _layersAtOnce = LayersAtOnce.Of(layersAtOnce);
        ArgumentOutOfRangeException.ThrowIfLessThan(_layersAtOnce, 1);
    }

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">A layer or its metadata is malformed.</exception>
    /// <exception cref="DigestMismatchException">A layer does not match the config or the manifest.</exception>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        ImageLayers.CheckForLinux(image, "this containerd");
        return Failures.OfAsync($"image {image.Config.Id}", async () =>
        {
            Lease lease = await Lease.CreateAsync(_store, cancellationToken).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                Daemon daemon = await Daemon.AskAsync(_store, cancellationToken).ConfigureAwait(false);
                return await new ImageIngest(_store, daemon, lease, image)
                    .RunAsync(names, _layersAtOnce, progress, cancellationToken).ConfigureAwait(false);
            }
        });
    }

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_ownsStore)
        {
            _store.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
