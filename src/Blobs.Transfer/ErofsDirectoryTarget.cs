using System.Runtime.Versioning;
using System.Text;
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
/// not kept. Layers that are there are not read, and none is ever removed: snapshots of containerd are links to them.
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
                if (await TryWriteAsync(layer, progress, stop).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref newLayers);
                }
            }).ConfigureAwait(false);
        return new TakenImage { Id = image.Config.Id, LayerCount = image.Layers.Count, NewLayers = newLayers };
    }

    /// <inheritdoc/>
    public bool CanUnpackAhead => true;

    /// <inheritdoc/>
    public Task<LayerSummary> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default) =>
        WriteAsync(source, new LayerPipelineOptions { Progress = progress }, cancellationToken);

    /// <summary>Fails: layers that were unpacked are never opened again, unless someone removed them meanwhile.</summary>
    public ValueTask<Stream> OpenUnpackedAsync(DiffId layer, CancellationToken cancellationToken = default) =>
        throw new StoreException(PathOf(layer), $"{PathOf(layer)}: was removed while the image was taken");

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<bool> TryWriteAsync(
        ImageLayer layer, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
        if (FilePath.IsFile(PathOf(layer.DiffId)))
        {
            report.Report(TransferStep.Exists, 0);
            return false;
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
            LayerSummary written = await WriteAsync(source, pass, cancellationToken).ConfigureAwait(false);
            report.Report(TransferStep.Done, written.CompressedBytes);
            return true;
        }
    }

    private async Task<LayerSummary> WriteAsync(Stream source, LayerPipelineOptions pass, CancellationToken cancellationToken)
    {
        _made.Ensure(_folder, MadeDirectories.Readable);
        using AtomicFile image = Create();
        using AtomicFile? recording = _options.Layout == ErofsLayout.Plain ? Create() : null;
        ErofsSummary written = await ErofsLayer
            .WriteAsync(source, image.Stream, recording?.Stream, _options, pass, cancellationToken).ConfigureAwait(false);
        string path = PathOf(written.Layer.DiffId);
        _made.Ensure(Path.GetDirectoryName(path)!, MadeDirectories.Readable);
        using (await LockAsync(cancellationToken).ConfigureAwait(false))
        {
            Publish(image, recording, written.Verity, path);
        }

        return written.Layer;
    }

    // The image gets its name last: whoever finds it finds its recording and its root hash.
    private void Publish(AtomicFile image, AtomicFile? recording, ErofsVerity? verity, string path)
    {
        if (FilePath.IsFile(path))
        {
            // Another process was faster.
            return;
        }

        recording?.Commit(Path.ChangeExtension(path, ".tar-split.gz"), _isDurable);
        string rootHash = path + ErofsVerity.FileSuffix;
        if (verity is null)
        {
            // Left by a process that was killed before its image had its name.
            File.Delete(rootHash);
        }
        else
        {
            using AtomicFile file = Create();
            file.Stream.Write(Encoding.ASCII.GetBytes(verity.ToJson()));
            file.Commit(rootHash, _isDurable);
        }

        image.Commit(path, _isDurable);
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

    private AtomicFile Create() => AtomicFile.CreateAt(
        Path.Combine(_folder, TemporaryNames.Hidden.NameFor("")), _folder, SmallFile.Readable);

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
