using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Pipeline;
using Blobs.Trees;
using Blobs.Trees.Internal;

namespace Blobs.Docker.Layers;

/// <summary>Creates the tar of the changes in a tree, as dockerd does for a commit, and makes a layer of that
/// tar.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerDiffer(
    RootContext context, LayerDatabase layers, ReadWriteDatabase mounts, LayerSweeper sweeper, LayerIngester ingester)
{
    /// <inheritdoc cref="LayerStore.DiffAsync"/>
    public async Task<LayerSummary> DiffAsync(
        string name, Stream target, LayerDiffOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        using RootLock rootLock = await context.ReadAsync(cancellationToken).ConfigureAwait(false);
        using TreeArchive archive = OpenDiff(mounts.Get(name), options);
        return await WriteAsync(archive, target, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="LayerStore.DiffTreeAsync"/>
    public async Task<LayerSummary> DiffTreeAsync(
        string directory, ChainId? parent, Stream target, LayerDiffOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(target);
        if (parent is not null)
        {
            context.Require();
        }

        using RootLock rootLock = await context.ReadAsync(cancellationToken).ConfigureAwait(false);
        string? parentId = parent is { } id ? layers.Get(id).CacheId : null;
        using TreeArchive archive = Compare(DirectoryHandle.Open(directory), parentId, options, OwnerMap.None, context.Owners);
        return await WriteAsync(archive, target, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="LayerStore.CommitAsync"/>
    public async Task<LayerIngestResult> CommitAsync(string name, LayerDiffOptions? options, CancellationToken cancellationToken)
    {
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        ReadWriteLayer layer = mounts.Get(name);
        using TreeArchive archive = OpenDiff(layer, options);
        LayerIngestResult result =
            await ingester.IngestAsync(rootLock, layer.Parent, archive, cancellationToken).ConfigureAwait(false);
        if (!context.Driver.ShowsChanges(layer.MountId, IdBelow(layer)))
        {
            // The tar has times in whole seconds, and the next comparison relies on them. Later writes must not get the
            // same time, so wait for the next second. Dockerd waits too.
            await Task.Delay(1000 - DateTime.UtcNow.Millisecond, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    /// <inheritdoc cref="LayerStore.SizeOf"/>
    public long SizeOf(ReadWriteLayer layer)
    {
        string? below = IdBelow(layer);
        if (context.Driver.ShowsChanges(layer.MountId, below))
        {
            using DirectoryHandle upper = DirectoryHandle.Open(context.Driver.TreeOf(layer.MountId));
            return TreeSize.Of(upper);
        }

        using DirectoryHandle tree = LayerView.Open(context.Driver, layer.MountId);
        using DirectoryHandle? parent = below is null ? null : LayerView.Open(context.Driver, below);
        return parent is null ? TreeSize.Of(tree) : TreeSize.Of(tree, TreeComparison.Of(tree, parent));
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

    private string? IdBelow(ReadWriteLayer layer) =>
        layer.InitId ?? (layer.Parent is { } parent ? layers.Get(parent).CacheId : null);

    private TreeArchive OpenDiff(ReadWriteLayer layer, LayerDiffOptions? options)
    {
        string? below = IdBelow(layer);
        if (!context.Driver.ShowsChanges(layer.MountId, below))
        {
            return Compare(LayerView.Open(context.Driver, layer.MountId), below, options, context.Owners, OwnerMap.None);
        }

        DirectoryHandle upper = DirectoryHandle.Open(context.Driver.TreeOf(layer.MountId));
        return Archive(upper, TreeWalk.All(upper), isOverlayForm: true, options, context.Owners);
    }

    // A tree in the data root has the mapped owners of the data root, as does the parent's tree. Any other directory
    // has the owners of the tar.
    private TreeArchive Compare(
        DirectoryHandle changed, string? below, LayerDiffOptions? options, OwnerMap owners, OwnerMap ownersBelow)
    {
        try
        {
            if (below is null)
            {
                return Archive(changed, TreeWalk.All(changed), isOverlayForm: false, options, owners);
            }

            using DirectoryHandle parent = LayerView.Open(context.Driver, below);
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
        new(tree, changes, isOverlayForm, options?.Form ?? default, context.Limits, owners);
}
