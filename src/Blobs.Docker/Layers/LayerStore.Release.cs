using System.Security.Cryptography;
using Blobs.Docker.Layers.Internal;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <content>Layers go when nothing stands on them any more: no layer, no read-write layer, no image.</content>
public sealed partial class LayerStore
{
    /// <summary>What stands on which layer, now. A damaged layer counts for its parent too.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public LayerReferences References() => new(ParentsByChild(), ReadWriteLayers());

    /// <summary>
    /// Something that held a layer has gone: removes the layer if nothing else holds it, then the one below, and so on.
    /// </summary>
    /// <param name="top">The layer that was held.</param>
    /// <param name="roots">The top layers of all images that remain. They and what is below them stay.</param>
    /// <param name="cancellationToken">Ends the waiting for others, and the work between two layers.</param>
    /// <returns>The layers removed, the uppermost first.</returns>
    /// <remarks>Layers that BuildKit's cache needs stay, as with an engine.</remarks>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Removal<Layer>> ReleaseAsync(
        ChainId top, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        Removal<Layer> removed = await RemoveAsync([top], roots, cancellationToken).ConfigureAwait(false);
        if (removed.Problem is null)
        {
            File.Delete(Paths.Release(top));
        }

        return removed;
    }

    /// <summary>
    /// Notes that what holds a layer is about to go: should the program end before <see cref="ReleaseAsync"/> has, nobody could tell the
    /// layer from one that was ingested to stay. The note is not waited for on disk: a power cut may leave layers that nobody needs.
    /// </summary>
    /// <param name="top">The layer; null where nothing is held, as by an image without layers.</param>
    internal void NoteRelease(ChainId? top)
    {
        if (top is { } held)
        {
            DurableDirectory.Ensure(Paths.Temporary, Modes.Private);
            Errno.Naming("open", Paths.Release(held), () => File.WriteAllBytes(Paths.Release(held), []));
        }
    }

    /// <summary>Layers that programs were letting go of when they ended.</summary>
    internal IReadOnlyList<ChainId> NotedReleases() => !FilePath.IsDirectory(Paths.Temporary)
        ? []
        : [.. DirectoryList.Files(Paths.Temporary, $"{RootPaths.ReleasePrefix}*")
            .Select(file => Path.GetFileName(file)[RootPaths.ReleasePrefix.Length..])
            .Select(hex => ChainId.TryParse(DigestText.Sha256Prefix + hex, null, out ChainId id) ? id : (ChainId?)null)
            .OfType<ChainId>()];

    /// <summary>Removes every layer that neither an image nor a read-write layer needs.</summary>
    /// <param name="roots">The top layers of all images. They and what is below them stay.</param>
    /// <param name="cancellationToken">Ends the waiting for others, and the work between two layers.</param>
    /// <returns>The layers removed, each before its parent.</returns>
    /// <remarks>Layers that BuildKit's cache needs stay, as with an engine.</remarks>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public Task<Removal<Layer>> RemoveUnreferencedAsync(
        IReadOnlySet<ChainId> roots, CancellationToken cancellationToken = default) =>
        RemoveAsync(Layers().Select(layer => layer.ChainId), roots, cancellationToken);

    /// <summary>The layers that <see cref="RemoveUnreferencedAsync"/> would remove, each before its parent.</summary>
    /// <param name="roots">The top layers of all images.</param>
    public Removal<Layer> Unreferenced(IReadOnlySet<ChainId> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        LayerReferences references = References();
        var guard = new BuildCacheGuard(Root);
        List<Layer> free =
            [.. Layers().Select(layer => layer.ChainId).SelectMany(id => Free(id, roots, references, _ => false, guard)).Distinct()];
        return End(free, guard);
    }

    private async Task<Removal<Layer>> RemoveAsync(
        IEnumerable<ChainId> starts, IReadOnlySet<ChainId> roots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable alone = await taken.ExcludeReadersAsync(Options.LockWait, cancellationToken).ConfigureAwait(false);
        return taken.Users.WhileNobodyHolds(isHeld =>
        {
            LayerReferences references = References();
            var guard = new BuildCacheGuard(Root);
            var removed = new List<Layer>();
            foreach (Layer layer in starts.ToArray().SelectMany(id => Free(id, roots, references, isHeld, guard)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Remove(layer);
                removed.Add(layer);
            }

            return End(removed, guard);
        });
    }

    private Removal<Layer> End(List<Layer> layers, BuildCacheGuard guard)
    {
        Tell(guard.Problem);
        return new Removal<Layer>(layers, [.. guard.Kept.Distinct()], guard.Problem);
    }

    // From a layer down, as far as nothing holds them; the references are taken back on the way.
    private IEnumerable<Layer> Free(
        ChainId start, IReadOnlySet<ChainId> roots, LayerReferences references, Func<string, bool> isHeld, BuildCacheGuard guard)
    {
        ChainId? next = start;
        while (next is { } id && !roots.Contains(id) && references.CountOf(id) == 0 && !isHeld(Paths.Layer(id))
            && TryGet(id) is { } layer && !guard.Keeps(layer))
        {
            yield return layer;
            references.Forget(layer);
            next = layer.Parent;
        }
    }

    // As the engine does since 20.10: out of sight first, so that no layer is ever seen whose files have gone; the name that it has
    // then tells whoever finds it after a crash what is still to be done.
    private void Remove(Layer layer)
    {
        string removing = AtomicDirectory.Hide(
            Paths.Layer(layer.ChainId),
            () => Paths.Removing(layer.ChainId, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));

        // On disk before anything of the tree goes: after a crash of the machine a layer is whole or it is none.
        FlushNames(Paths.Layers);
        Driver.Remove(layer.CacheId);
        TreeRemover.Remove(removing);
    }

    private IEnumerable<(ChainId Child, ChainId Parent)> ParentsByChild()
    {
        foreach (string name in DriverDirectories.NamesIn(Paths.Layers))
        {
            if (ChainId.TryParse(DigestText.Sha256Prefix + name, null, out ChainId id)
                && SmallFile.TryReadText(RootPaths.ParentFile(Paths.Layer(id))) is { } text
                && ChainId.TryParse(text.Trim(), null, out ChainId parent))
            {
                yield return (id, parent);
            }
        }
    }
}
