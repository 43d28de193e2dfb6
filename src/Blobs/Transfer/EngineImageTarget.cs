using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Engine;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Layers;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>
/// An engine's root that takes images. Layers that are there are not read. On a driver whose layers do not need their parents' trees the
/// others come in side by side, out of sight, and become layers from the base up once all of them are right; on others one after another.
/// Then the config becomes visible, then the names.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class EngineImageTarget : IImageTarget
{
    private readonly EngineRoot _root;
    private readonly int _layersAtOnce;

    /// <param name="root">The root.</param>
    /// <param name="layersAtOnce">Layers that are read side by side, at most; as many as suit the machine when null. Each takes
    /// two threads and 6 MiB.</param>
    public EngineImageTarget(EngineRoot root, int? layersAtOnce = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        _root = root;
        _layersAtOnce = layersAtOnce ?? Math.Clamp(Environment.ProcessorCount, 2, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(_layersAtOnce, 1);
    }

    /// <summary>Whether layers that are whole stay when the image does not become so, so that the next try has less to do.</summary>
    public bool KeepsWholeLayers { get; init; }

    /// <summary>Also keeps layers' blobs as they come, and takes them from there when it has them.</summary>
    public BlobDirectory? Blobs { get; init; }

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">A layer, or what describes it, breaks its format.</exception>
    /// <exception cref="DigestMismatchException">A layer is not the one that config or manifest name.</exception>
    public Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(names);
        return TakeAsync(
            image,
            names,
            missing => _root.Layers.CanDetach
                ? TakeDetachedAsync(image, missing, progress, cancellationToken)
                : TakeInOrderAsync(image, missing, progress, cancellationToken),
            progress,
            cancellationToken);
    }

    /// <summary>Takes an image whose layers went by already, and wait detached.</summary>
    internal Task<TakenImage> TakeStreamedAsync(
        StreamedImage image,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken) => TakeAsync(
            image, names, missing => TakeStreamedAsync(image, missing, progress, cancellationToken), progress, cancellationToken);

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        Func<int[], Task> takeLayers,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        Check(image);
        using RootLock taken = await _root.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        int[] missing = [];
        try
        {
            // Until the image names them, nobody else in this process may take its layers for unused.
            using IDisposable held = _root.Layers.Hold(taken, image.Config.ChainIds);
            missing = Missing(image.Config, progress);
            await takeLayers(missing).ConfigureAwait(false);
            NoteBlobs(image);
            Image added = _root.Images.Add(image.Config);
            return Named(added, names) with { NewLayers = missing.Length };
        }
        catch when (!KeepsWholeLayers)
        {
            await DropAsync(image.Config, missing).ConfigureAwait(false);
            throw;
        }
    }

    // What came before the fault: layers that nothing names, from the uppermost down.
    private async Task DropAsync(ImageConfig config, int[] missing)
    {
        foreach (int index in missing.Reverse())
        {
            if (_root.Layers.TryGet(config.ChainIds[index]) is { } top)
            {
                await _root.Layers.ReleaseAsync(top.ChainId, _root.TopLayers(), CancellationToken.None).ConfigureAwait(false);
                return;
            }
        }
    }

    // Unlike a user's own tag this leaves no time behind.
    private TakenImage Named(Image image, IReadOnlyList<ImageReference> names)
    {
        var renamed = new List<KeyValuePair<ImageReference, Digest>>();
        foreach (ImageReference name in names)
        {
            if (_root.Names.Set(name, image.Id) is { } previous)
            {
                renamed.Add(KeyValuePair.Create(name, previous));
            }
        }

        return new TakenImage { Id = image.Id, Names = names, Renamed = renamed };
    }

    private static void Check(IImageSource image)
    {
        ImageConfig config = image.Config;
        if (config.Platform.Os is not ("linux" or ""))
        {
            throw new MalformedDataException(
                Fault.ConfigSyntax, 0, $"image {config.Id}: is for {config.Platform.Os}, and this is a store for linux");
        }

        ImageLayers.Check(image);
    }

    private int[] Missing(ImageConfig config, IProgress<TransferProgress>? progress)
    {
        var missing = new List<int>();
        for (int i = 0; i < config.ChainIds.Count; i++)
        {
            if (_root.Layers.TryGet(config.ChainIds[i]) is null)
            {
                missing.Add(i);
            }
            else
            {
                new LayerReport(progress, $"{config.DiffIds[i]}", null).Report(TransferStep.Exists, 0);
            }
        }

        return [.. missing];
    }

    private async Task TakeInOrderAsync(
        IImageSource image, int[] missing, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (int index in missing)
        {
            await TakeOneAsync(image, index, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task TakeOneAsync(
        IImageSource image, int index, IProgress<TransferProgress>? progress, CancellationToken cancellationToken) => ReadAsync(
            image.Layers[index],
            progress,
            async (stream, options) =>
            {
                options = options with { Parent = DetachedStack.ParentOf(image.Config, index) };
                return (await _root.Layers.IngestAsync(stream, options, cancellationToken).ConfigureAwait(false)).Summary;
            },
            cancellationToken);

    // The layers went by already: all are checked before the first becomes one. Only what other images brought is read again.
    private async Task TakeStreamedAsync(
        StreamedImage image, int[] missing, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (int index in missing)
        {
            image.Layers[index].Take();
        }

        foreach (int index in missing)
        {
            if (image.Layers[index].Take() is { } layer)
            {
                layer.Commit(DetachedStack.ParentOf(image.Config, index));
            }
            else
            {
                await TakeOneAsync(image, index, progress, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task TakeDetachedAsync(
        IImageSource image, int[] missing, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        using var layers = new DetachedStack(image.Config, missing, KeepsWholeLayers);

        // The first fault stops the others, and surfaces when all of them have ended.
        await Parallel.ForEachAsync(
            missing,
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (index, stop) => await ReadAsync(
                image.Layers[index],
                progress,
                async (stream, options) =>
                {
                    DetachedLayer layer = await _root.Layers.IngestDetachedAsync(stream, options, stop).ConfigureAwait(false);
                    layers.Add(index, layer);
                    return layer.Summary;
                },
                stop).ConfigureAwait(false)).ConfigureAwait(false);
        layers.Commit();
    }

    private async Task ReadAsync(
        ImageLayer layer,
        IProgress<TransferProgress>? progress,
        Func<Stream, LayerIngestOptions, Task<LayerSummary>> ingest,
        CancellationToken cancellationToken)
    {
        var report = new LayerReport(progress, $"{layer.DiffId}", layer.GetLength());
        LayerSummary summary = await LayerInput.ReadAsync(
            layer,
            Blobs,
            input => ingest(input.Source, new LayerIngestOptions
            {
                ExpectedDigest = input.ExpectedDigest,
                ExpectedDiffId = layer.DiffId,
                Blob = input.Upload,
                Progress = report,
            }),
            cancellationToken).ConfigureAwait(false);
        report.Report(TransferStep.Done, summary.CompressedBytes);
    }

    // Where a registry's blob holds a layer is worth knowing also when the layer was here before.
    private void NoteBlobs(IImageSource image)
    {
        if (image is not { Manifest: { } manifest, Repository: { } repository })
        {
            return;
        }

        for (int i = 0; i < manifest.Layers.Count; i++)
        {
            _root.Distribution.Add(image.Config.DiffIds[i], new BlobSource(manifest.Layers[i].Digest, repository, Hmac: ""));
        }
    }
}
