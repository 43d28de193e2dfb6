using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>
/// Takes one image, under one lease: its layers side by side, each into a snapshot of its own, and the stack of them from the base
/// up as they become ready; then config, manifest, and names.
/// </summary>
internal sealed class ImageIngest
{
    private readonly ContainerdStore _store;
    private readonly Daemon _daemon;
    private readonly IImageSource _image;
    private readonly BlobIngest _blobs;
    private readonly SnapshotWriter _snapshots;
    private readonly ManifestFormat _format;

    public ImageIngest(ContainerdStore store, Daemon daemon, Lease lease, IImageSource image)
    {
        _store = store;
        _daemon = daemon;
        _image = image;
        _blobs = new BlobIngest(lease, store.Options.WritesContentDirectly ? daemon.ContentRoot : null);
        _snapshots = new SnapshotWriter(lease, store.Options.Snapshotter);
        _format = image.Format ?? ManifestFormat.Docker;
    }

    private ImageConfig Config => _image.Config;

    /// <summary>Takes the image, and gives it its names.</summary>
    public async Task<TakenImage> RunAsync(
        IReadOnlyList<ImageReference> names,
        int layersAtOnce,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        LayerPlan[] plans = await PlanAsync(cancellationToken).ConfigureAwait(false);
        IngestedLayer[] layers = [];
        await FlushEarlyAsync(async () =>
            layers = await TakeLayersAsync(plans, layersAtOnce, progress, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        ImageManifest manifest = _image.Manifest ?? Describe(layers);
        await WriteDocumentsAsync(manifest, cancellationToken).ConfigureAwait(false);
        var writer = new NameWriter(_store, _blobs.Services, Config, manifest);
        IReadOnlyList<KeyValuePair<ImageReference, Digest>> renamed =
            await writer.RunAsync(names, cancellationToken).ConfigureAwait(false);
        return new TakenImage
        {
            Id = Config.Id,
            Names = names,
            Manifest = manifest.Digest,
            LayerCount = plans.Length,
            NewLayers = plans.Count(plan => plan.NeedsTree),
            Renamed = renamed,
        };
    }

    private Task FlushEarlyAsync(Func<Task> work) => _store.Options.FlushesEarly && _daemon.ContentRoot is { } directory
        ? WriteBehind.RunAsync(directory, work)
        : work();

    // A stack that is there has all stacks below it.
    private async Task<LayerPlan[]> PlanAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ChainId> chains = Config.ChainIds;
        int there = chains.Count;
        while (there > 0 && !await _snapshots.HasAsync(chains[there - 1], cancellationToken).ConfigureAwait(false))
        {
            there--;
        }

        return [.. chains.Select((chain, index) => new LayerPlan(
            _image.Layers[index], chain, index == 0 ? null : chains[index - 1], NeedsTree: index >= there, IsParentThere: index <= there))];
    }

    private async Task<IngestedLayer[]> TakeLayersAsync(
        LayerPlan[] plans, int layersAtOnce, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var ingest = new LayerIngest(_store, _daemon, _blobs, _snapshots, _format, _image.Repository);
        var taken = new IngestedLayer[plans.Length];
        TaskCompletionSource[] read = [.. plans.Select(_ => new TaskCompletionSource())];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Parallel.ForEachAsync(
            plans.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = layersAtOnce, CancellationToken = stop.Token },
            async (item, token) =>
            {
                var report = new TransferReport(progress, $"{item.Item.Layer.DiffId}", item.Item.Layer.GetLength());
                taken[item.Index] = await ingest.RunAsync(item.Item, report, token).ConfigureAwait(false);
                read[item.Index].SetResult();
            });
        await Task.WhenAll(StopOthersAsync(reading), StopOthersAsync(StackAsync())).ConfigureAwait(false);
        return taken;

        async Task StackAsync()
        {
            for (int i = 0; i < plans.Length; i++)
            {
                await read[i].Task.WaitAsync(stop.Token).ConfigureAwait(false);
                await StackOneAsync(plans[i], taken[i], stop.Token).ConfigureAwait(false);
            }
        }

        async Task StopOthersAsync(Task task)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task StackOneAsync(LayerPlan plan, IngestedLayer layer, CancellationToken cancellationToken)
    {
        if (!plan.NeedsTree)
        {
            return;
        }

        if (layer.Tree is not { } unpacked)
        {
            await ApplyAsync(plan, layer.Blob, cancellationToken).ConfigureAwait(false);
        }
        else if (unpacked.HasParent)
        {
            await CommitAsync(plan, unpacked.Snapshot.Key, unpacked, unpacked.Tree, null, cancellationToken).ConfigureAwait(false);
        }
        else if (_daemon.CanRebase)
        {
            IReadOnlyList<string> lowers = unpacked.Implied.Count == 0
                ? []
                : await _snapshots.TreesAsync(plan.Parent!.Value, cancellationToken).ConfigureAwait(false);
            WritableTree tree = unpacked.Tree with { Lowers = lowers };
            await CommitAsync(plan, unpacked.Snapshot.Key, unpacked, tree, plan.Parent, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await MoveAsync(plan, unpacked, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(
        LayerPlan plan, string key, UnpackedTree unpacked, WritableTree tree, ChainId? rebasedOn, CancellationToken cancellationToken)
    {
        ImpliedDirectories.CopyFrom(unpacked.Implied, tree.Directory, tree.Lowers);
        if (_store.Options.SyncsTrees)
        {
            DurableDirectory.FlushFileSystem(tree.Directory);
        }

        await _snapshots.CommitAsync(key, plan.Chain, rebasedOn, cancellationToken).ConfigureAwait(false);
    }

    // This snapshotter takes a snapshot's parent only when it is prepared, which is possible now.
    private async Task MoveAsync(LayerPlan plan, UnpackedTree unpacked, CancellationToken cancellationToken)
    {
        NewSnapshot? snapshot = await _snapshots.PrepareAsync(plan.Chain, plan.Parent, cancellationToken).ConfigureAwait(false);
        if (snapshot is not null)
        {
            WritableTree tree = _daemon.TryOpen(snapshot.Mounts) ?? throw new ContainerdException(
                "FailedPrecondition", $"snapshot {plan.Chain}: its tree cannot be written here, unlike those before");
            AtomicDirectory.MoveChildren(unpacked.Tree.Directory, tree.Directory);
            await CommitAsync(plan, snapshot.Key, unpacked, tree, null, cancellationToken).ConfigureAwait(false);
        }

        await _snapshots.RemoveAsync(unpacked.Snapshot.Key, cancellationToken).ConfigureAwait(false);
    }

    private async Task ApplyAsync(LayerPlan plan, Descriptor blob, CancellationToken cancellationToken)
    {
        if (await _snapshots.PrepareAsync(plan.Chain, plan.Parent, cancellationToken).ConfigureAwait(false) is { } snapshot)
        {
            await _snapshots.ApplyAsync(snapshot, blob, plan.Layer.DiffId, cancellationToken).ConfigureAwait(false);
            await _snapshots.CommitAsync(snapshot.Key, plan.Chain, null, cancellationToken).ConfigureAwait(false);
        }
    }

    // An image from a source without a manifest gets one.
    private ImageManifest Describe(IngestedLayer[] layers)
    {
        var config = new Descriptor
        {
            MediaType = MediaTypes.ConfigIn(_format),
            Digest = Config.Id,
            Size = Config.Bytes.Length,
        };
        return ManifestWriter.Image(MediaTypes.ManifestIn(_format), config, [.. layers.Select(layer => layer.Blob)], _image.Annotations);
    }

    private async Task WriteDocumentsAsync(ImageManifest manifest, CancellationToken cancellationToken)
    {
        Dictionary<string, string> ofConfig = SourceLabels();
        if (Config.ChainId is { } top)
        {
            ofConfig.Add(ContentLabels.Snapshot(_store.Options.Snapshotter), $"{top}");
        }

        await _blobs.PutAsync("config", Config.Id, Config.Bytes, ofConfig, cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> ofManifest = SourceLabels();
        ofManifest.Add(ContentLabels.Config, $"{manifest.Config.Digest}");
        for (int i = 0; i < manifest.Layers.Count && !_store.Options.DiscardsLayerBlobs; i++)
        {
            ofManifest.Add(ContentLabels.Layer(i), $"{manifest.Layers[i].Digest}");
        }

        await _blobs.PutAsync("manifest", manifest.Digest, manifest.Bytes, ofManifest, cancellationToken).ConfigureAwait(false);
    }

    private Dictionary<string, string> SourceLabels() =>
        ContentLabels.Source(_image.Repository) is { } source ? new() { [source.Key] = source.Value } : [];
}
