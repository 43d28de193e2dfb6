using System.Runtime.Versioning;
using System.Security.Cryptography;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Removes layers that no layer, read-write layer or image needs.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerRemover(RootContext context, LayerDatabase layers, ReadWriteDatabase mounts, LayerSweeper sweeper)
{
    private readonly RootPaths _paths = context.Paths;

    /// <inheritdoc cref="LayerStore.References"/>
    public LayerReferences References() => new(layers.ParentsByChild(), mounts.All());

    /// <inheritdoc cref="LayerStore.ReleaseAsync"/>
    public async Task<Removal<Layer>> ReleaseAsync(ChainId top, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken)
    {
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        Removal<Layer> removed = await RemoveAsync([top], roots, readsCache: false, cancellationToken).ConfigureAwait(false);
        if (removed.Problem is null)
        {
            File.Delete(_paths.Release(top));
        }

        return removed;
    }

    /// <summary>Records that whatever needs a layer is about to be removed. Without this record, if the process ends
    /// before <see cref="ReleaseAsync"/> completes, the layer would look like one that was ingested to be kept. The
    /// record is not flushed, so unneeded layers may remain after a power failure.</summary>
    /// <param name="top">The layer; null for an image without layers.</param>
    public void NoteRelease(ChainId? top)
    {
        if (top is { } held)
        {
            DurableDirectory.Ensure(_paths.Temporary, Modes.Private);
            Errno.Naming("open", _paths.Release(held), () => File.WriteAllBytes(_paths.Release(held), []));
        }
    }

    /// <summary>The layers in the release records that interrupted processes left.</summary>
    public IReadOnlyList<ChainId> NotedReleases() => !FilePath.IsDirectory(_paths.Temporary)
        ? []
        : [.. DirectoryList.Files(_paths.Temporary, $"{RootPaths.ReleasePrefix}*")
            .Select(file => Path.GetFileName(file)[RootPaths.ReleasePrefix.Length..])
            .Select(hex => ChainId.TryParse(DigestText.Sha256Prefix + hex, null, out ChainId id) ? id : (ChainId?)null)
            .OfType<ChainId>()];

    /// <inheritdoc cref="LayerStore.RemoveUnreferencedAsync"/>
    public Task<Removal<Layer>> RemoveUnreferencedAsync(IReadOnlySet<ChainId> roots, CancellationToken cancellationToken) =>
        RemoveAsync(layers.All().Select(layer => layer.ChainId), roots, readsCache: true, cancellationToken);

    /// <summary>The layers that <see cref="RemoveUnreferencedAsync"/> would remove once some read-write layers are
    /// gone.</summary>
    /// <param name="roots">The top layers of all images.</param>
    /// <param name="isGone">Whether the read-write layer of that name does not count.</param>
    public Removal<Layer> Unreferenced(IReadOnlySet<ChainId> roots, Func<string, bool> isGone)
    {
        ArgumentNullException.ThrowIfNull(roots);
        var references = new LayerReferences(layers.ParentsByChild(), mounts.All().Where(layer => !isGone(layer.Name)));
        var guard = new BuildCacheGuard(context.Root);
        guard.Read();
        List<Layer> unneeded =
            [.. layers.All().SelectMany(layer => Unneeded(layer.ChainId, roots, references, _ => false, guard)).Distinct()];
        return End(unneeded, guard);
    }

    private async Task<Removal<Layer>> RemoveAsync(
        IEnumerable<ChainId> starts, IReadOnlySet<ChainId> roots, bool readsCache, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable alone = await rootLock.ExcludeReadersAsync(context.Options.LockWait, cancellationToken).ConfigureAwait(false);
        return rootLock.Users.WhileNobodyHolds(isHeld =>
        {
            LayerReferences references = References();
            var guard = new BuildCacheGuard(context.Root);
            if (readsCache)
            {
                guard.Read();
            }

            var removed = new List<Layer>();
            foreach (Layer layer in starts.ToArray().SelectMany(id => Unneeded(id, roots, references, isHeld, guard)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Remove(layer);
                removed.Add(layer);
            }

            return End(removed, guard);
        });
    }

    private Removal<Layer> End(List<Layer> removed, BuildCacheGuard guard)
    {
        context.Report(guard.Problem);
        return new Removal<Layer>(removed, [.. guard.Kept.Distinct()], guard.Problem);
    }

    // Walks down from a layer while nothing needs the layers, and removes each one's reference to its parent on the
    // way.
    private IEnumerable<Layer> Unneeded(
        ChainId start, IReadOnlySet<ChainId> roots, LayerReferences references, Func<string, bool> isHeld, BuildCacheGuard guard)
    {
        ChainId? next = start;
        while (next is { } id && !roots.Contains(id) && references.CountOf(id) == 0 && !isHeld(_paths.Layer(id))
            && layers.TryGet(id) is { } layer && !guard.Keeps(layer))
        {
            yield return layer;
            references.Forget(layer);
            next = layer.Parent;
        }
    }

    // As in dockerd since 20.10, the layer is renamed first, so that it is never visible without its files. After a
    // crash, the name tells the next sweep what remains to be done.
    private void Remove(Layer layer)
    {
        string removing = AtomicDirectory.Hide(
            _paths.Layer(layer.ChainId),
            () => _paths.Removing(layer.ChainId, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));

        // Flush before removing the tree, so that after a machine crash a layer is either complete or absent.
        context.FlushNames(_paths.Layers);
        context.Driver.Remove(layer.CacheId);
        TreeRemover.Remove(removing);
    }
}
