using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>Reads, publishes and removes the read-write layers in <c>layerdb/mounts</c>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ReadWriteDatabase(RootContext context)
{
    private readonly RootPaths _paths = context.Paths;

    /// <summary>All read-write layers, ordered by name. Unreadable ones are omitted.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has no data for this driver.</exception>
    public IEnumerable<ReadWriteLayer> All()
    {
        if (!FilePath.IsDirectory(_paths.Mounts))
        {
            context.Require();
            return [];
        }

        return DriverDirectories.NamesIn(_paths.Mounts).Order(StringComparer.Ordinal).Select(TryGet).OfType<ReadWriteLayer>();
    }

    /// <summary>The read-write layer with that name; null if there is none or it cannot be read.</summary>
    public ReadWriteLayer? TryGet(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string mount = _paths.Mount(name);
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

    /// <summary>The read-write layer with that name.</summary>
    /// <exception cref="NotFoundException">There is no layer with that name.</exception>
    /// <exception cref="StoreException">The layer is damaged.</exception>
    public ReadWriteLayer Get(string name) => TryGet(name) ?? throw Missing(name);

    /// <summary>Finds a read-write layer by its name or a unique prefix of it.</summary>
    /// <exception cref="NotFoundException">No read-write layer matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several read-write layers match.</exception>
    public ReadWriteLayer Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (TryGet(name) is { } exact)
        {
            return exact;
        }

        List<ReadWriteLayer> found = [.. All().Where(layer => layer.Name.StartsWith(name, StringComparison.Ordinal))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw Missing(name),
            _ => throw new StoreException(
                context.Root, $"{context.Root}: '{name}' is the start of {found.Count} read-write layers ({context.DriverName})"),
        };
    }

    /// <summary>Records a layer whose trees already exist. Dockerd writes the files in place, one after another; here a
    /// single rename publishes all of them or none.</summary>
    /// <exception cref="StoreException">The name is already in use.</exception>
    public void Publish(ReadWriteLayer layer, MadeDirectories made)
    {
        made.Ensure(_paths.LayerDb, Modes.Private);
        made.Ensure(_paths.Mounts, Modes.Open);
        made.Ensure(_paths.Temporary, Modes.Open);
        string hidden = _paths.NewTemporary();
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

            context.FlushAll();
            if (!AtomicDirectory.TryPublish(hidden, _paths.Mount(layer.Name)))
            {
                throw new StoreException(context.Root, $"{context.Root}: '{layer.Name}' is taken for a read-write layer");
            }
        }
        finally
        {
            TreeRemover.Remove(hidden);
        }
    }

    /// <summary>Removes a layer and its trees. The layer is durably hidden first, so that it is never visible in part.
    /// After a failure, nothing refers to the remains, and the next sweep removes them.</summary>
    public void Remove(ReadWriteLayer layer)
    {
        new MadeDirectories().Ensure(_paths.Temporary, Modes.Open);
        string hidden = AtomicDirectory.Hide(_paths.Mount(layer.Name), _paths.NewTemporary);
        context.FlushNames(_paths.Mounts);
        RemoveTrees(layer);
        TreeRemover.Remove(hidden);
    }

    /// <summary>Removes a layer that nothing else knows about, whether or not it is mounted. Does nothing if there is
    /// no layer with that name.</summary>
    public void Discard(string name)
    {
        if (TryGet(name) is { } layer)
        {
            Remove(layer);
        }
    }

    /// <summary>Removes a layer's directories from the driver.</summary>
    public void RemoveTrees(ReadWriteLayer layer)
    {
        context.Driver.Remove(layer.MountId);
        if (layer.InitId is { } initId)
        {
            context.Driver.Remove(initId);
        }
    }

    // A layer that exists but cannot be read is damaged.
    private BlobsException Missing(string name) => RootPaths.IsName(name) && DirectoryPresence.IsThere(_paths.Mount(name))
        ? LayerDatabase.Damaged(_paths.Mount(name))
        : new NotFoundException(context.Root, $"{context.Root}: no read-write layer '{name}' ({context.DriverName})");
}
