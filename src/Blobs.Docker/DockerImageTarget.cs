using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Pipeline;

namespace Blobs.Docker;

/// <summary>
/// An engine's root that takes images. Layers that are there are not read. On a driver whose layers do not need their parents' trees the
/// others come in side by side, out of sight, and become layers from the base up once all of them are right; on others one after another.
/// Then the config becomes visible, then the names. While layers come over a network others may write to the root.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DockerImageTarget : IImageTarget
{
    private readonly DockerRoot _root;
    private readonly int _layersAtOnce;

    /// <param name="root">The root.</param>
    /// <param name="layersAtOnce">Layers that are read side by side, at most; as many as suit the machine when null. Each takes
    /// two threads and 6 MiB.</param>
    public DockerImageTarget(DockerRoot root, int? layersAtOnce = null)
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
            (absent, layers) => ReadAsync(image, absent, layers, progress, cancellationToken),
            progress,
            cancellationToken);
    }

    /// <summary>Takes an image of which layers were unpacked before it was known: those of an archive read from a pipe.</summary>
    /// <param name="image">The image.</param>
    /// <param name="unpacked">Hands over the unpacked layer at an index, counted from the base; null when it has to be read from the
    /// image. It throws when that layer is not the one that the image names.</param>
    /// <param name="names">Names that the image gets here.</param>
    /// <param name="progress">Learns of every layer that is read.</param>
    /// <param name="cancellationToken">Ends the work; nothing of this image stays.</param>
    /// <returns>The image as it is here.</returns>
    public Task<TakenImage> TakeUnpackedAsync(
        IImageSource image,
        Func<int, DetachedLayer?> unpacked,
        IReadOnlyList<ImageReference> names,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(unpacked);
        ArgumentNullException.ThrowIfNull(names);
        return TakeAsync(
            image,
            names,
            (absent, layers) => AddUnpackedAsync(image, unpacked, absent, layers, progress, cancellationToken),
            progress,
            cancellationToken);
    }

    /// <summary>Whether a layer can be unpacked before it is known what it stands on: not where a driver needs the parent's tree.</summary>
    public bool CanUnpackAhead => _root.Layers.CanDetach;

    /// <summary>Unpacks a layer of an image that is not known yet, for <see cref="TakeUnpackedAsync"/>. The root stays taken for writing
    /// until the layer is disposed.</summary>
    /// <param name="source">The layer, plain or compressed; stays open.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends the work; nothing of the layer stays.</param>
    /// <exception cref="NotSupportedException">The storage driver does not let it: see <see cref="CanUnpackAhead"/>.</exception>
    /// <exception cref="MalformedDataException">The layer breaks its format.</exception>
    /// <exception cref="LimitExceededException">The layer demands more than the root's limits.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public Task<DetachedLayer> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return CanUnpackAhead
            ? _root.Layers.IngestDetachedAsync(
                source, new LayerIngestOptions { Progress = progress }, letsOthersWrite: false, cancellationToken)
            : throw new NotSupportedException($"{_root.DriverName} unpacks a layer upon its parent's tree only.");
    }

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Whoever waits for a network lets others write meanwhile. All is looked up again whenever it is this one's turn, and what has gone by
    // then is read once more.
    private async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        Func<int[], DetachedStack, Task<IReadOnlyList<int>>> read,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        Check(image);
        using RootLock taken = image.Layers.Any(layer => layer.IsRemote)
            ? await _root.BeginUnpackingAsync(cancellationToken).ConfigureAwait(false)
            : await _root.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        var brought = new HashSet<int>();
        try
        {
            // Until the image names them, nobody else in this process may take its layers for unused.
            using IDisposable held = _root.Layers.Hold(taken, image.Config.ChainIds);
            using var layers = new DetachedStack(_root.Layers, image.Config);
            for (bool isFirst = true; ; isFirst = false)
            {
                int[] absent;
                using (await _root.BeginWriteAsync(cancellationToken).ConfigureAwait(false))
                {
                    absent = layers.Commit();
                    if (absent.Length == 0)
                    {
                        return Add(image, names) with { LayerCount = image.Layers.Count, NewLayers = brought.Count };
                    }
                }

                if (isFirst)
                {
                    ReportExisting(image, absent, progress);
                }

                brought.UnionWith(await read(absent, layers).ConfigureAwait(false));
            }
        }
        catch when (!KeepsWholeLayers)
        {
            await DropAsync(image.Config, brought).ConfigureAwait(false);
            throw;
        }
    }

    // What came before the fault: layers that nothing names, from the uppermost down.
    private async Task DropAsync(ImageConfig config, IEnumerable<int> brought)
    {
        foreach (int index in brought.OrderDescending())
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

    private static void ReportExisting(IImageSource image, int[] absent, IProgress<TransferProgress>? progress)
    {
        foreach (ImageLayer layer in image.Layers.Where((_, index) => !absent.Contains(index)))
        {
            new TransferReport(progress, $"{layer.DiffId}", null).Report(TransferStep.Exists, 0);
        }
    }

    // The layers went by already: all are checked before the first becomes one. Only what other images brought is read again.
    private async Task<IReadOnlyList<int>> AddUnpackedAsync(
        IImageSource image,
        Func<int, DetachedLayer?> unpacked,
        int[] absent,
        DetachedStack layers,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var rest = new List<int>();
        foreach (int index in absent)
        {
            if (unpacked(index) is { } waiting)
            {
                layers.Add(index, waiting);
            }
            else
            {
                rest.Add(index);
            }
        }

        foreach (int index in rest)
        {
            await ReadAsync(image, index, null, layers, progress, cancellationToken).ConfigureAwait(false);
        }

        return absent;
    }

    private async Task<IReadOnlyList<int>> ReadAsync(
        IImageSource image, int[] absent, DetachedStack layers, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (!_root.Layers.CanDetach)
        {
            await ReadUponParentAsync(image, absent[0], layers, progress, cancellationToken).ConfigureAwait(false);
            return absent[..1];
        }

        // The first fault stops the others, and surfaces when all of them have ended.
        await Parallel.ForEachAsync(
            absent,
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (index, stop) =>
            {
                await ReadAsync(image, index, null, layers, progress, stop).ConfigureAwait(false);
                if (KeepsWholeLayers)
                {
                    using RootLock writing = await _root.BeginWriteAsync(stop).ConfigureAwait(false);
                    layers.Commit();
                }
            }).ConfigureAwait(false);
        return absent;
    }

    // Where the parent's tree is needed, the next layer begins when the one below it is in the store.
    private async Task ReadUponParentAsync(
        IImageSource image, int index, DetachedStack layers, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ChainId? parent = DetachedStack.ParentOf(image.Config, index);
        try
        {
            await ReadAsync(image, index, parent, layers, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (NotFoundException) when (parent is { } below && _root.Layers.TryGet(below) is null)
        {
            // It was there when it was looked up; by now somebody else has removed it, and it comes first.
        }
    }

    private async Task ReadAsync(
        IImageSource image,
        int index,
        ChainId? parent,
        DetachedStack layers,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ImageLayer layer = image.Layers[index];
        var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
        DetachedLayer read = await LayerInput.ReadAsync(
            layer,
            Blobs,
            input => _root.Layers.IngestDetachedAsync(
                input.Source,
                new LayerIngestOptions
                {
                    Parent = parent,
                    ExpectedDigest = input.ExpectedDigest,
                    ExpectedDiffId = layer.DiffId,
                    Blob = input.Upload,
                    Progress = report,
                },
                layer.IsRemote,
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
        layers.Add(index, read);
        report.Report(TransferStep.Done, read.Summary.CompressedBytes);
    }

    private TakenImage Add(IImageSource image, IReadOnlyList<ImageReference> names)
    {
        NoteBlobs(image);
        return Named(_root.Images.Add(image.Config), names);
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
