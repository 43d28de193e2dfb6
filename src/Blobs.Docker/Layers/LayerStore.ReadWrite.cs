using Blobs.Docker.Layers.Internal;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <content>Read-write layers: made, mounted, found and removed.</content>
public sealed partial class LayerStore
{
    /// <summary>Every read-write layer, in order of names. What cannot be read is left out.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public IEnumerable<ReadWriteLayer> ReadWriteLayers()
    {
        if (!FilePath.IsDirectory(Paths.Mounts))
        {
            Require();
            return [];
        }

        return DriverDirectories.NamesIn(Paths.Mounts).Order(StringComparer.Ordinal).Select(TryGetReadWrite).OfType<ReadWriteLayer>();
    }

    /// <summary>The read-write layer of that name; null when there is none, or it cannot be read.</summary>
    public ReadWriteLayer? TryGetReadWrite(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string mount = Paths.Mount(name);
        if (!RootPaths.IsName(name) || SmallFile.TryReadText(RootPaths.MountIdFile(mount))?.Trim() is not { } mountId)
        {
            return null;
        }

        string? initId = SmallFile.TryReadText(RootPaths.InitIdFile(mount))?.Trim();
        string? parentText = SmallFile.TryReadText(RootPaths.ParentFile(mount))?.Trim();
        ChainId parent = default;
        bool isWhole = DriverDirectories.IsOfEngine(mountId)
            && (initId is null || DriverDirectories.IsOfEngine(initId))
            && (parentText is null || ChainId.TryParse(parentText, null, out parent));
        return !isWhole ? null : new ReadWriteLayer
        {
            Name = name,
            MountId = mountId,
            InitId = initId,
            Parent = parentText is null ? null : parent,
        };
    }

    /// <summary>Finds a read-write layer by its name, whole or by a start that no other has.</summary>
    /// <exception cref="NotFoundException">None matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several match.</exception>
    public ReadWriteLayer FindReadWrite(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (TryGetReadWrite(name) is { } exact)
        {
            return exact;
        }

        List<ReadWriteLayer> found = [.. ReadWriteLayers().Where(layer => layer.Name.StartsWith(name, StringComparison.Ordinal))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw NoReadWriteLayer(name),
            _ => throw new StoreException(Root, $"{Root}: '{name}' is the start of {found.Count} read-write layers ({DriverName})"),
        };
    }

    /// <summary>Makes a read-write layer.</summary>
    /// <param name="name">The id of its container.</param>
    /// <param name="parent">Top layer of the image; none for an empty tree.</param>
    /// <param name="withInit">Whether it is a container's, with what an engine needs in one; a build step's has none.</param>
    /// <param name="cancellationToken">Ends the waiting for others.</param>
    /// <exception cref="NotFoundException">The parent is not in the store.</exception>
    /// <exception cref="StoreException">The name is taken.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<ReadWriteLayer> CreateReadWriteAsync(
        string name, ChainId? parent, bool withInit = true, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        using IDisposable? held = parent is { } id ? taken.Users.Hold(Paths.Layer(id)) : null;
        if (!RootPaths.IsName(name) || FilePath.IsDirectory(Paths.Mount(name)))
        {
            throw new StoreException(Root, $"{Root}: '{name}' is {(RootPaths.IsName(name) ? "taken" : "no name")} for a read-write layer");
        }

        Layer? below = parent is { } top ? TryGet(top) ?? throw Missing(top) : null;
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
            Publish(layer, made);
            return layer;
        }
        catch
        {
            RemoveTrees(layer);
            made.Undo();
            throw;
        }
    }

    /// <summary>Removes a read-write layer. Its parent stays: <see cref="ReleaseAsync"/> is for that.</summary>
    /// <returns>What was removed.</returns>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    /// <exception cref="StoreException">It is mounted.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<ReadWriteLayer> RemoveReadWriteAsync(string name, CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        ReadWriteLayer layer = RequireReadWrite(name);
        if (IsMounted(name))
        {
            throw new StoreException(Root, $"{Root}: '{name}' is mounted; unmount it first");
        }

        using IDisposable alone = await taken.ExcludeReadersAsync(Options.LockWait, cancellationToken).ConfigureAwait(false);
        RemoveWhole(layer);
        return layer;
    }

    /// <summary>Makes the layer's whole tree visible, for reading and writing. Each call asks for one of
    /// <see cref="UnmountAsync"/>.</summary>
    /// <returns>The directory where the tree is.</returns>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="StoreException">It cannot be read, or has too many below it.</exception>
    /// <exception cref="SystemCallException">The kernel refused: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<string> MountAsync(string name, CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return LayerMounts.Get(Driver, RequireReadWrite(name).MountId);
    }

    /// <summary>Takes one mount back; with the last the tree is gone from its place, and who still has files of it open keeps
    /// them.</summary>
    /// <exception cref="NotFoundException">There is no layer of that name.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task UnmountAsync(string name, CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        LayerMounts.Put(Driver, RequireReadWrite(name).MountId);
    }

    /// <summary>Whether the layer's tree is mounted. With drivers that need no mounts it never is.</summary>
    public bool IsMounted(string name) => LayerMounts.IsMounted(Driver, RequireReadWrite(name).MountId);

    /// <summary>Removes a read-write layer that nobody else knows of, mounted or not; none of that name is no error.</summary>
    internal void DiscardReadWrite(string name)
    {
        if (TryGetReadWrite(name) is { } layer)
        {
            RemoveWhole(layer);
        }
    }

    private ReadWriteLayer RequireReadWrite(string name) => TryGetReadWrite(name) ?? throw NoReadWriteLayer(name);

    // One that is there and cannot be read is damaged.
    private BlobsException NoReadWriteLayer(string name) => RootPaths.IsName(name) && DirectoryPresence.IsThere(Paths.Mount(name))
        ? Damaged(Paths.Mount(name))
        : new NotFoundException(Root, $"{Root}: no read-write layer '{name}' ({DriverName})");

    private void MakeTrees(ReadWriteLayer layer, Layer? below, MadeDirectories made)
    {
        if (layer.InitId is { } initId)
        {
            Driver.CreateReadWrite(initId, below?.CacheId, made);
            string tree = LayerMounts.Get(Driver, initId);
            try
            {
                InitLayer.Write(tree, Owners);
            }
            finally
            {
                LayerMounts.Put(Driver, initId);
            }
        }

        Driver.CreateReadWrite(layer.MountId, layer.InitId ?? below?.CacheId, made);
    }

    // The engine writes the files where they belong, one after another; a rename shows all of them or none.
    private void Publish(ReadWriteLayer layer, MadeDirectories made)
    {
        made.Ensure(Paths.LayerDb, Modes.Private);
        made.Ensure(Paths.Mounts, Modes.Open);
        made.Ensure(Paths.Temporary, Modes.Open);
        string hidden = Paths.NewTemporary();
        try
        {
            new MadeDirectories().Ensure(hidden, Modes.Open);
            SmallFile.Create(RootPaths.MountIdFile(hidden), layer.MountId);
            if (layer.InitId is not null)
            {
                SmallFile.Create(RootPaths.InitIdFile(hidden), layer.InitId);
            }

            if (layer.Parent is { } parent)
            {
                SmallFile.Create(RootPaths.ParentFile(hidden), $"{parent}");
            }

            FlushAll();
            if (!AtomicDirectory.TryPublish(hidden, Paths.Mount(layer.Name)))
            {
                throw new StoreException(Root, $"{Root}: '{layer.Name}' is taken for a read-write layer");
            }
        }
        finally
        {
            TreeRemover.Remove(hidden);
        }
    }

    // Out of sight, and on disk so, before anything of its trees or of its container's files goes: it is whole or it is none. What a
    // failure leaves is named by nothing, and the next that writes removes it.
    private void RemoveWhole(ReadWriteLayer layer)
    {
        new MadeDirectories().Ensure(Paths.Temporary, Modes.Open);
        string hidden = AtomicDirectory.Hide(Paths.Mount(layer.Name), Paths.NewTemporary);
        FlushNames(Paths.Mounts);
        RemoveTrees(layer);
        TreeRemover.Remove(hidden);
    }

    private void RemoveTrees(ReadWriteLayer layer)
    {
        Driver.Remove(layer.MountId);
        if (layer.InitId is { } initId)
        {
            Driver.Remove(initId);
        }
    }
}
