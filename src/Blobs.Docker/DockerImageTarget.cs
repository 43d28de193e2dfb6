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
/// Writes images into a Docker data root. Layers that already exist are not read. If the storage driver does not need
/// the parent's tree, the missing layers are read in parallel and stay hidden; once all are verified, they become
/// layers from the bottom up. With other drivers, layers are read one after another. The config becomes visible next,
/// then the names. While layers are read from a network, others may write to the data root.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DockerImageTarget : IImageTarget
{
    private readonly DockerRoot _root;
    private readonly int _layersAtOnce;

    // Layers that were unpacked ahead of their image. They stay here when an image takes them: its stack disposes them,
    // too.
    private readonly LayersAhead<DetachedLayer> _ahead = new();

    /// <param name="root">The data root.</param>
    /// <param name="layersAtOnce">The maximum number of layers to read in parallel; null chooses a number that suits
    /// the machine. Each takes two threads and 6 MiB.</param>
    public DockerImageTarget(DockerRoot root, int? layersAtOnce = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        _root = root;
        _layersAtOnce = LayersAtOnce.Of(layersAtOnce);
        ArgumentOutOfRangeException.ThrowIfLessThan(_layersAtOnce, 1);
    }

    /// <summary>Whether to keep complete layers if the image fails, so that the next attempt has less to do.</summary>
    public bool KeepsWholeLayers { get; init; }

    /// <summary>Where to keep layers' blobs as they arrive. Kept blobs are read from here instead of the
    /// source.</summary>
    public BlobDirectory? Blobs { get; init; }

    /// <inheritdoc/>
    /// <exception cref="MalformedDataException">A layer or its metadata is malformed.</exception>
    /// <exception cref="DigestMismatchException">A layer does not match the config or the manifest.</exception>
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
            (absent, layers) => _ahead.IsEmpty
                ? ReadAsync(image, absent, layers, progress, cancellationToken)
                : AddUnpackedAsync(image, absent, layers, progress, cancellationToken),
            progress,
            cancellationToken);
    }

    /// <summary>Whether a layer can be unpacked before its parent is known. False if the driver needs the parent's
    /// tree.</summary>
    public bool CanUnpackAhead => _root.Layers.CanDetach;

    /// <inheritdoc/>
    /// <remarks>The data root stays locked for writing until this is disposed.</remarks>
    /// <exception cref="NotSupportedException">The storage driver does not support this; see
    /// <see cref="CanUnpackAhead"/>.</exception>
    /// <exception cref="MalformedDataException">The layer is malformed.</exception>
    /// <exception cref="LimitExceededException">The layer exceeds the data root's limits.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<LayerSummary> UnpackAsync(
        Stream source, IProgress<LayerProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!CanUnpackAhead)
        {
            throw new NotSupportedException($"{_root.DriverName} needs the tree of the parent to unpack a layer.");
        }

        DetachedLayer unpacked = await _root.Layers.IngestDetachedAsync(
            source, new LayerIngestOptions { Progress = progress }, letsOthersWrite: false, cancellationToken).ConfigureAwait(false);
        _ahead.Keep(unpacked.Summary.DiffId, unpacked);
        return unpacked.Summary;
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenUnpackedAsync(DiffId layer, CancellationToken cancellationToken = default) =>
        await _root.Layers.OpenTarAsync(_root.Layers.Find($"{layer}").ChainId, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task CommitAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _ahead.Dispose();
        return ValueTask.CompletedTask;
    }

    // While this process waits for the network, others may write. So it looks up all layers again whenever it holds the
    // write lock, and reads again any layer that was removed in the meantime.
    private async Task<TakenImage> TakeAsync(
        IImageSource image,
        IReadOnlyList<ImageReference> names,
        Func<int[], DetachedStack, Task<IReadOnlyList<int>>> read,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ImageLayers.CheckForLinux(image, "this store");
        using RootLock rootLock = image.Layers.Any(layer => layer.IsRemote)
            ? await _root.BeginUnpackingAsync(cancellationToken).ConfigureAwait(false)
            : await _root.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        var brought = new HashSet<int>();
        try
        {
            // Until an image refers to these layers, no other thread of this process may remove them as unused.
            using IDisposable held = _root.Layers.Hold(rootLock, image.Config.ChainIds);
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

    // Removes the layers that were read before the failure, from the top down; no image refers to them.
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

    // Unlike a tag set by a user, this records no time.
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

    private static void ReportExisting(IImageSource image, int[] absent, IProgress<TransferProgress>? progress)
    {
        foreach (ImageLayer layer in image.Layers.Where((_, index) => !absent.Contains(index)))
        {
            new TransferReport(progress, $"{layer.DiffId}", null).Report(TransferStep.Exists, 0);
        }
    }

    // All of them are verified before the first is committed. A layer that was committed already, for another parent or
    // image, is read again.
    private async Task<IReadOnlyList<int>> AddUnpackedAsync(
        IImageSource image,
        int[] absent,
        DetachedStack layers,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var rest = new List<int>();
        foreach (int index in absent)
        {
            if (_ahead.Find(image.Layers[index].DiffId) is { IsCommitted: false } waiting)
            {
                layers.Add(index, waiting);
            }
            else
            {
                rest.Add(index);
            }
        }

        if (rest.Count > 0)
        {
            await ReadAsync(image, [.. rest], layers, progress, cancellationToken).ConfigureAwait(false);
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

        // The first failure stops the other reads, and is thrown once all of them have ended.
        await Parallel.ForEachAsync(
            absent,
            new ParallelOptions { MaxDegreeOfParallelism = _layersAtOnce, CancellationToken = cancellationToken },
            async (index, stop) =>
            {
                await ReadAsync(image, index, null, layers, progress, stop).ConfigureAwait(false);
                if (KeepsWholeLayers)
                {
                    using RootLock writing = await _root.BeginWriteAsync(stop).ConfigureAwait(false);
                    layers.CommitFrom(index);
                }
            }).ConfigureAwait(false);
        return absent;
    }

    // The driver needs the parent's tree, so each layer is read after the one below it is in the store.
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
            // The parent existed when it was looked up but has since been removed. The caller reads it first.
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

    // Record which registry blob holds a layer even if the layer already existed.
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
