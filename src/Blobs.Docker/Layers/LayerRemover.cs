using System.Runtime.Versioning;
using System.Security.Cryptography;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Removes layers that no layer, no read-write layer and no image needs.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerRemover(RootContext context, LayerDatabase layers, ReadWriteDatabase mounts, LayerSweeper sweeper)
{
    private readonly RootPaths _paths = context.Paths;

    /// <inheritdoc cref="LayerStore.References"/>
    public LayerReferences References() => new(layers.ParentsByChild(), mounts.All());

    /// <inheritdoc cref="LayerStore.ReleaseAsync"/>
    public async Task<Removal<Layer>> ReleaseAsync(ChainId top, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken)
    {
        using RootLock taken = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        Removal<Layer> removed = await RemoveAsync([top], roots, cancellationToken).ConfigureAwait(false);
        if (removed.Problem is null)
        {
            File.Delete(_paths.Release(top));
        }

        return removed;
    }

    /// <summary>Notes that what needs a layer is about to be removed. If the program ends before <see cref="ReleaseAsync"/> has, the layer
    /// would otherwise look like one that was ingested to stay. The note is not flushed: after a power cut layers may stay that nothing
    /// needs.</summary>
    /// <param name="top">The layer; null for an image without layers.</param>
    public void NoteRelease(ChainId? top)
    {
        if (top is { } held)
        {
            DurableDirectory.Ensure(_paths.Temporary, Modes.Private);
            Errno.Naming("open", _paths.Release(held), () => File.WriteAllBytes(_paths.Release(held), []));
        }
    }

    /// <summary>The layers of notes that interrupted programs left.</summary>
    public IReadOnlyList<ChainId> NotedReleases() => !FilePath.IsDirectory(_paths.Temporary)
        ? []
        : [.. DirectoryList.Files(_paths.Temporary, $"{RootPaths.ReleasePrefix}*")
            .Select(file => Path.GetFileName(file)[RootPaths.ReleasePrefix.Length..])
            .Select(hex => ChainId.TryParse(DigestText.Sha256Prefix + hex, null, out ChainId id) ? id : (ChainId?)null)
            .OfType<ChainId>()];

    /// <inheritdoc cref="LayerStore.RemoveUnreferencedAsync"/>
    public Task<Removal<Layer>> RemoveUnreferencedAsync(IReadOnlySet<ChainId> roots, CancellationToken cancellationToken) =>
        RemoveAsync(layers.All().Select(layer => layer.ChainId), roots, cancellationToken);

    /// <inheritdoc cref="LayerStore.Unreferenced"/>
    public Removal<Layer> Unreferenced(IReadOnlySet<ChainId> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        LayerReferences references = References();
        var guard = new BuildCacheGuard(context.Root);
        List<Layer> unneeded =
            [.. layers.All().SelectMany(layer => Unneeded(layer.ChainId, roots, references, _ => false, guard)).Distinct()];
        return End(unneeded, guard);
    }

    private async Task<Removal<Layer>> RemoveAsync(
        IEnumerable<ChainId> starts, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        using RootLock taken = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable alone = await taken.ExcludeReadersAsync(context.Options.LockWait, cancellationToken).ConfigureAwait(false);
        return taken.Users.WhileNobodyHolds(isHeld =>
        {
            LayerReferences references = References();
            var guard = new BuildCacheGuard(context.Root);
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
        context.Tell(guard.Problem);
        return new Removal<Layer>(removed, [.. guard.Kept.Distinct()], guard.Problem);
    }

    // From a layer down, as far as nothing needs them. Each layer's reference to its parent is taken back on the way.
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

    // As the engine does since 20.10: renamed first, so that no layer is ever seen without its files. After a crash the name tells the
    // next sweep what is left to do.
    private void Remove(Layer layer)
    {
        string removing = AtomicDirectory.Hide(
            _paths.Layer(layer.ChainId),
            () => _paths.Removing(layer.ChainId, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));

        // Flushed before anything of the tree goes, so that after a crash of the machine a layer is whole or absent.
        context.FlushNames(_paths.Layers);
        context.Driver.Remove(layer.CacheId);
        TreeRemover.Remove(removing);
    }
}
