using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>Creates, mounts, unmounts and removes read-write layers.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ReadWriteLayers(RootContext context, LayerDatabase layers, ReadWriteDatabase mounts, LayerSweeper sweeper)
{
    /// <inheritdoc cref="LayerStore.CreateReadWriteAsync"/>
    public async Task<ReadWriteLayer> CreateAsync(
        string name, ChainId? parent, bool withInit, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable? held = parent is { } id ? rootLock.Users.Hold(context.Paths.Layer(id)) : null;
        if (!RootPaths.IsName(name) || FilePath.IsDirectory(context.Paths.Mount(name)))
        {
            throw new StoreException(
                context.Root,
                $"{context.Root}: '{name}' is {(RootPaths.IsName(name) ? "taken" : "no name")} for a read-write layer");
        }

        Layer? below = parent is { } top ? layers.Get(top) : null;
        string mountId = CacheId.Create();
        var layer = new ReadWriteLayer
        {
            Name = name,
            MountId = mountId,
            InitId = withInit ? mountId + RootPaths.InitSuffix : null,
            Parent = parent,
        };
        var made = new MadeDirectories();
        try
        {
            MakeTrees(layer, below, made);
            mounts.Publish(layer, made);
            return layer;
        }
        catch
        {
            mounts.RemoveTrees(layer);
            made.Undo();
            throw;
        }
    }

    /// <inheritdoc cref="LayerStore.RemoveReadWriteAsync"/>
    public async Task<ReadWriteLayer> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        ReadWriteLayer layer = mounts.Get(name);
        if (IsMounted(name))
        {
            throw new StoreException(context.Root, $"{context.Root}: '{name}' is mounted; unmount it first");
        }

        using IDisposable alone = await rootLock.ExcludeReadersAsync(context.Options.LockWait, cancellationToken).ConfigureAwait(false);
        mounts.Remove(layer);
        return layer;
    }

    /// <inheritdoc cref="LayerStore.MountAsync"/>
    public async Task<string> MountAsync(string name, CancellationToken cancellationToken)
    {
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return LayerMounts.Get(context.Driver, mounts.Get(name).MountId);
    }

    /// <inheritdoc cref="LayerStore.UnmountAsync"/>
    public async Task UnmountAsync(string name, CancellationToken cancellationToken)
    {
        using RootLock rootLock = await sweeper.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        LayerMounts.Put(context.Driver, mounts.Get(name).MountId);
    }

    /// <inheritdoc cref="LayerStore.IsMounted"/>
    public bool IsMounted(string name) => LayerMounts.IsMounted(context.Driver, mounts.Get(name).MountId);

    private void MakeTrees(ReadWriteLayer layer, Layer? below, MadeDirectories made)
    {
        if (layer.InitId is { } initId)
        {
            context.Driver.CreateReadWrite(initId, below?.CacheId, made);
            string tree = LayerMounts.Get(context.Driver, initId);
            try
            {
                InitLayer.Write(tree, context.Owners);
            }
            finally
            {
                LayerMounts.Put(context.Driver, initId);
            }
        }

        context.Driver.CreateReadWrite(layer.MountId, layer.InitId ?? below?.CacheId, made);
    }
}
