using System.Runtime.Versioning;
using Blobs.Erofs;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>
/// Writes the layers of images as EROFS images into a directory, where containerd's EROFS snapshotter finds them
/// (<c>layer_content_caches</c>): <c>DIR/sha256/XX/HEX.erofs</c>, named by DiffID, and beside each image in the plain layout its recording
/// <c>HEX.tar-split.gz</c>; on request the root hash of its dm-verity tree, <c>HEX.erofs.dmverity</c>. Manifests, configs and names are
/// not kept. Layers that are there are not read, unless a dm-verity tree is asked for and they have none. None is ever removed: snapshots
/// of containerd are links to them.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ErofsDirectoryTarget : IImageTarget
{
    private static readonly TimeSpan LockDelay = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly ErofsOptions _options;
    private readonly bool _isDurable;
    private readonly int _layersAtOnce;
    private readonly MadeDirectories _made;

    // Layers that were written ahead of their image, until an image takes them.
    private readonly LayersAhead<StagedErofsLayer> _ahead = new();

    /// <param name="folder">The directory, new or existing.</param>
    /// <param name="options">Layout, limits, and what is flushed to disk before a layer gets its name.</param>
    public ErofsDirectoryTarget(string folder, CopyOptions options)
    {
        _folder = Path.Combine(Path.GetFullPath(folder), "sha256");
        _options = new ErofsOptions
        {
            Layout = options.ErofsLayout,
            HasVerity = options.HasErofsVerity,
            OpenSpill = () => SpoolFile.Create(_folder, MadeDirectories.Readable),
            Limits = options.Limits,
        };
        _isDurable = options.Durability != Durability.None;
        _layersAtOnce = LayersAtOnce.Of(options.LayersAtOnce);
        _made = new MadeDirectories(_isDurable);
        Sweep();
    }

    /// <inheritdoc/>
    public async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageLayers.Check(image);
        int newLayers = 0;
        await Parallel.ForEachAsync(
            image.Layers.DistinctBy(layer => layer.DiffId),
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (layer, stop) =>
            {
                if (await TryTakeAsync(layer, progress, stop).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref newLayers);
                }
            }).ConfigureAwait(false);
        return new TakenImage { Id = image.Config.Id, LayerCount = image.Layers.Count, NewLayers = newLayers };
    }

    /// <inheritdoc/>
    public bool CanUnpackAhead => true;

    /// <inheritdoc/>
    public async Task<LayerSummary> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var pass = new LayerPipelineOptions { Progress = progress };
        StagedErofsLayer written = await WriteAsync(source, pass, cancellationToken).ConfigureAwait(false);
        _ahead.Keep(written.Summary.DiffId, written);
        return written.Summary;
    }

    /// <summary>Fails: a layer that waits for its image is not opened, and one that an image has is there, unless someone removed
    /// it.</summary>
    public ValueTask<Stream> OpenUnpackedAsync(DiffId layer, CancellationToken cancellationToken = default) =>
        throw new StoreException(PathOf(layer), $"{PathOf(layer)}: was removed while the image was taken");

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _ahead.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> TryTakeAsync(
        ImageLayer layer, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
        if (IsThere(layer.DiffId))
        {
            report.Report(TransferStep.Exists, 0);
            return false;
        }

        if (_ahead.Take(layer.DiffId) is { } waiting)
        {
            using (waiting)
            {
                await PublishAsync(waiting, cancellationToken).ConfigureAwait(false);
                return true;
            }
        }

        var pass = new LayerPipelineOptions
        {
            ExpectedDigest = layer.Descriptor?.Digest,
            ExpectedDiffId = layer.DiffId,
            Progress = report,
        };
        Stream source = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            using StagedErofsLayer written = await WriteAsync(source, pass, cancellationToken).ConfigureAwait(false);
            await PublishAsync(written, cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, written.Summary.CompressedBytes);
            return true;
        }
    }

    private Task<StagedErofsLayer> WriteAsync(Stream source, LayerPipelineOptions pass, CancellationToken cancellationToken)
    {
        _made.Ensure(_folder, MadeDirectories.Readable);
        return StagedErofsLayer.WriteAsync(source, _folder, _options, pass, _isDurable, cancellationToken);
    }

    private async Task PublishAsync(StagedErofsLayer layer, CancellationToken cancellationToken)
    {
        DiffId diffId = layer.Summary.DiffId;
        string path = PathOf(diffId);
        _made.Ensure(Path.GetDirectoryName(path)!, MadeDirectories.Readable);
        using (await LockAsync(cancellationToken).ConfigureAwait(false))
        {
            // Another process may have been faster.
            if (!IsThere(diffId))
            {
                layer.Publish(path);
            }
        }
    }

    // With a tree of hashes asked for, an image without one is written again: the same image, and the tree behind it.
    private bool IsThere(DiffId layer)
    {
        string path = PathOf(layer);
        return FilePath.IsFile(path) && (!_options.HasVerity || FilePath.IsFile(path + ErofsVerity.FileSuffix));
    }

    // One process at a time names files, so that those beside an image are its own. File systems without locks do without.
    private async Task<FileLock?> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (FileLock.TryTake(_folder, isExclusive: true, out FileLock? taken) != Errno.Again)
            {
                return taken;
            }

            await Task.Delay(LockDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    private string PathOf(DiffId diffId) => Path.Combine(_folder, diffId.Hex[..2], $"{diffId.Hex}.erofs");

    // Removes what killed processes left; the files of live ones are locked.
    private void Sweep()
    {
        foreach (string file in FilePath.IsDirectory(_folder) ? TemporaryNames.HiddenIn(_folder) : [])
        {
            int errno = FileLock.TryTake(file, isExclusive: true, out FileLock? taken);
            if (errno == Errno.None)
            {
                File.Delete(file);
            }

            taken?.Dispose();
        }
    }
}
