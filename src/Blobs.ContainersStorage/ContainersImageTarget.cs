using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.ContainersStorage;

/// <summary>
/// Writes images into a store of podman. Missing layers are read in parallel, each in one pass, without the store's locks;
/// running podman processes are not disturbed. Then, under both locks, layers, image and names become visible.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ContainersImageTarget : IImageTarget
{
    private readonly ContainersStore _store;
    private readonly int _layersAtOnce;

    // Layers that were unpacked ahead of their image. They stay here when an image takes them, so that they can be read
    // again.
    private readonly LayersAhead<StagedLayer> _ahead = new();

    /// <param name="store">The store; it is made when it does not exist.</param>
    /// <param name="layersAtOnce">The maximum number of layers to read in parallel; null chooses a number that suits
    /// the machine. Each takes two threads and 6 MiB.</param>
    public ContainersImageTarget(ContainersStore store, int? layersAtOnce = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _layersAtOnce = LayersAtOnce.Of(layersAtOnce);
        ArgumentOutOfRangeException.ThrowIfLessThan(_layersAtOnce, 1);
    }

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">A layer or its metadata is malformed.</exception>
    /// <exception cref="DigestMismatchException">A layer does not match the config or the manifest.</exception>
    /// <exception cref="StoreException">The store cannot be written: it is rootless, for example.</exception>
    public async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        ImageLayers.CheckForLinux(image, "this store");
        _store.Prepare();
        using var staged = new StagedImage(_store, image);
        for (bool isFirst = true; ; isFirst = false)
        {
            int[] absent = await FindAbsentAsync(staged, isFirst, cancellationToken).ConfigureAwait(false);
            if (isFirst)
            {
                ReportExisting(image, absent, progress);
            }

            if (absent.Length > 0)
            {
                await WriteBehindAsync(() => ReadAsync(image, staged, absent, progress, cancellationToken)).ConfigureAwait(false);
            }

            // Whatever another process removed meanwhile is read again.
            using StoreSession session =
                await StoreSession.BeginAsync(_store.Paths, _store.Options, cancellationToken).ConfigureAwait(false);
            if (staged.AbsentIn(session.State).Length == 0)
            {
                return new StoreCommit(session, staged).Run(names);
            }
        }
    }

    /// <inheritdoc/>
    public bool CanUnpackAhead => true;

    /// <inheritdoc/>
    public async Task<LayerSummary> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        _store.Prepare();
        StagedLayer staged = await StageAsync(
            source, new LayerPipelineOptions { Progress = progress }, cancellationToken).ConfigureAwait(false);
        _ahead.Keep(staged.Summary.DiffId, staged);
        return staged.Summary;
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenUnpackedAsync(DiffId layer, CancellationToken cancellationToken = default) =>
        _ahead.Find(layer) is { IsPublished: false } waiting
            ? waiting.OpenTar(_store.Options.Limits)
            : await _store.OpenLayerAsync(layer, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _ahead.Dispose();
        return ValueTask.CompletedTask;
    }

    // On disk before the locks are taken.
    private async Task WriteBehindAsync(Func<Task> work)
    {
        if (_store.Options.Durability == Durability.None)
        {
            await work().ConfigureAwait(false);
            return;
        }

        await WriteBehind.RunAsync(_store.Paths.Overlay, work).ConfigureAwait(false);
        DurableDirectory.FlushFileSystem(_store.Paths.Overlay);
    }

    private async Task<int[]> FindAbsentAsync(StagedImage staged, bool isFirst, CancellationToken cancellationToken)
    {
        using StoreView view = await _store.ReadAsync(cancellationToken).ConfigureAwait(false);
        int[] absent = staged.AbsentIn(view.State);
        if (!isFirst)
        {
            return absent;
        }

        foreach (int index in absent)
        {
            if (_ahead.Find(staged.Image.Config.DiffIds[index]) is { IsTaken: false } waiting)
            {
                waiting.IsTaken = true;
                staged.Add(index, waiting);
            }
        }

        return staged.AbsentIn(view.State);
    }

    // The first failure stops the other reads, and is thrown once all of them have ended.
    private Task ReadAsync(
        IImageSource image,
        StagedImage staged,
        int[] absent,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken) => Parallel.ForEachAsync(
            absent,
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (index, stop) =>
            {
                ImageLayer layer = image.Layers[index];
                var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
                StagedLayer read = await ReadAsync(layer, report, stop).ConfigureAwait(false);
                staged.Add(index, read);
                report.Report(TransferStep.Done, read.Summary.CompressedBytes);
            });

    private async Task<StagedLayer> ReadAsync(ImageLayer layer, TransferReport report, CancellationToken cancellationToken)
    {
        Stream source = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);

        // The pass verifies SHA-256 only.
        bool isSha256 = layer.Descriptor?.Digest.Algorithm == DigestAlgorithm.Sha256;
        source = layer.Descriptor is { } blob && !isSha256 ? new VerifyingStream(source, blob.Digest, blob.Size) : source;
        await using (source.ConfigureAwait(false))
        {
            var pass = new LayerPipelineOptions
            {
                ExpectedDigest = isSha256 ? layer.Descriptor!.Digest : null,
                ExpectedDiffId = layer.DiffId,
                Progress = report,
            };
            return await StageAsync(source, pass, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<StagedLayer> StageAsync(Stream source, LayerPipelineOptions pass, CancellationToken cancellationToken) =>
        StagedLayer.ReadAsync(_store.Paths, _store.Modes, _store.Options, source, pass, cancellationToken);

    private static void ReportExisting(IImageSource image, int[] absent, IProgress<TransferProgress>? progress)
    {
        foreach (ImageLayer layer in image.Layers.Where((_, index) => !absent.Contains(index)))
        {
            new TransferReport(progress, $"{layer.DiffId}", null).Report(TransferStep.Exists, 0);
        }
    }
}
