using Blobs.Compression;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Trees;
using Blobs.Trees.Internal;

namespace Blobs.Docker.Layers;

/// <content>A changed tree becomes a tar, as the engine makes it when it commits; and that tar a layer.</content>
public sealed partial class LayerStore
{
    /// <summary>Writes what a read-write layer changed, as a layer's tar.</summary>
    /// <param name="name">A read-write layer of this store.</param>
    /// <param name="target">Takes the tar; stays open.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: only root can mount what must be compared.</exception>
    public async Task<LayerSummary> DiffAsync(
        string name, Stream target, LayerDiffOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        using RootLock taken = await RootLock.ReadAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        using TreeArchive archive = OpenDiff(RequireReadWrite(name), options);
        return await WriteAsync(archive, target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes how any directory differs from a layer's whole tree, as a layer's tar. Names, kinds, owners, modes, sizes
    /// and times decide; contents are not compared.</summary>
    /// <param name="directory">The changed tree.</param>
    /// <param name="parent">A layer of this store; none for everything in the directory.</param>
    /// <param name="target">Takes the tar; stays open.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <returns>The tar's DiffID, size and number of entries.</returns>
    /// <exception cref="NotFoundException">The parent is not in the store, or there is no data root.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: only root can mount what must be compared.</exception>
    public async Task<LayerSummary> DiffTreeAsync(
        string directory, ChainId? parent, Stream target, LayerDiffOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(target);
        if (parent is not null)
        {
            Require();
        }

        using RootLock taken = await RootLock.ReadAsync(Root, Options.LockWait, cancellationToken).ConfigureAwait(false);
        string? parentId = parent is { } id ? (TryGet(id) ?? throw Missing(id)).CacheId : null;
        using TreeArchive archive = Compare(DirectoryHandle.Open(directory), parentId, options, OwnerMap.None, Owners);
        return await WriteAsync(archive, target, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes what a read-write layer changed a layer on the same parent. A layer that is there already is a success.</summary>
    /// <param name="name">A read-write layer of this store.</param>
    /// <param name="options">How its tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">A file changed while it was read.</exception>
    /// <exception cref="SystemCallException">The kernel refused something.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<LayerIngestResult> CommitAsync(
        string name, LayerDiffOptions? options = null, CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        ReadWriteLayer layer = RequireReadWrite(name);
        using TreeArchive archive = OpenDiff(layer, options);
        LayerIngestResult result = await IngestAsync(
            taken, layer.Parent, transaction => RunAsync(transaction, archive, cancellationToken)).ConfigureAwait(false);
        if (!Driver.ShowsChanges(layer.MountId, IdBelow(layer)))
        {
            // The tar has times to the second: what is written from now on must not have the same one. So does the engine.
            await Task.Delay(1000 - DateTime.UtcNow.Millisecond, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private static async Task<LayerSummary> WriteAsync(TreeArchive archive, Stream target, CancellationToken cancellationToken)
    {
        EncodedLayer written = await LayerEncoder.EncodeAsync(
            archive, target, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new LayerSummary
        {
            Digest = written.Digest,
            DiffId = written.DiffId,
            Compression = CompressionKind.None,
            CompressedBytes = written.Length,
            UncompressedBytes = written.TarLength,
            EntryCount = archive.EntryCount,
            SourceWait = TimeSpan.Zero,
        };
    }

    private string? IdBelow(ReadWriteLayer layer) => layer.InitId
        ?? (layer.Parent is { } parent ? (TryGet(parent) ?? throw Missing(parent)).CacheId : null);

    private TreeArchive OpenDiff(ReadWriteLayer layer, LayerDiffOptions? options)
    {
        string? below = IdBelow(layer);
        if (!Driver.ShowsChanges(layer.MountId, below))
        {
            return Compare(LayerView.Open(Driver, layer.MountId), below, options, Owners, OwnerMap.None);
        }

        DirectoryHandle upper = DirectoryHandle.Open(Driver.TreeOf(layer.MountId));
        return Archive(upper, TreeWalk.All(upper), isOverlayForm: true, options, Owners);
    }

    // A tree of the root has the root's owners, as the one below has; any other directory has those of the tar.
    private TreeArchive Compare(
        DirectoryHandle changed, string? below, LayerDiffOptions? options, OwnerMap owners, OwnerMap ownersBelow)
    {
        try
        {
            if (below is null)
            {
                return Archive(changed, TreeWalk.All(changed), isOverlayForm: false, options, owners);
            }

            using DirectoryHandle parent = LayerView.Open(Driver, below);
            return Archive(changed, TreeComparison.Of(changed, parent, ownersBelow), isOverlayForm: false, options, owners);
        }
        catch
        {
            changed.Dispose();
            throw;
        }
    }

    private TreeArchive Archive(
        DirectoryHandle tree, IEnumerable<TreeChange> changes, bool isOverlayForm, LayerDiffOptions? options, OwnerMap owners) =>
        new(tree, changes, isOverlayForm, options?.Form ?? default, Options.Limits, owners);
}
