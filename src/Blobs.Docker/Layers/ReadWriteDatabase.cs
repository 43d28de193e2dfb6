using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>The read-write layers in <c>layerdb/mounts</c>: reads, publishes and removes them.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ReadWriteDatabase(RootContext context)
{
    private readonly RootPaths _paths = context.Paths;

    /// <summary>Every read-write layer, in order of names. What cannot be read is left out.</summary>
    /// <exception cref="NotFoundException">There is no data root, or it has nothing of this driver.</exception>
    public IEnumerable<ReadWriteLayer> All()
    {
        if (!FilePath.IsDirectory(_paths.Mounts))
        {
            context.Require();
            return [];
        }

        return DriverDirectories.NamesIn(_paths.Mounts).Order(StringComparer.Ordinal).Select(TryGet).OfType<ReadWriteLayer>();
    }

    /// <summary>The read-write layer of that name; null when there is none, or it cannot be read.</summary>
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

    /// <summary>The read-write layer of that name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="StoreException">It is damaged.</exception>
    public ReadWriteLayer Get(string name) => TryGet(name) ?? throw Missing(name);

    /// <summary>Finds a read-write layer by its name, whole or by a unique start.</summary>
    /// <exception cref="NotFoundException">None matches, or there is no data root.</exception>
    /// <exception cref="StoreException">Several match.</exception>
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

    /// <summary>Records a layer whose trees are there. The engine writes the files in place, one after another; a rename shows all or
    /// none.</summary>
    /// <exception cref="StoreException">The name is taken.</exception>
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

    /// <summary>Removes a layer with its trees. It is hidden first, durably, so that it is never seen in part. After a failure
    /// nothing names what is left, and the next sweep removes it.</summary>
    public void Remove(ReadWriteLayer layer)
    {
        new MadeDirectories().Ensure(_paths.Temporary, Modes.Open);
        string hidden = AtomicDirectory.Hide(_paths.Mount(layer.Name), _paths.NewTemporary);
        context.FlushNames(_paths.Mounts);
        RemoveTrees(layer);
        TreeRemover.Remove(hidden);
    }

    /// <summary>Removes a layer that nobody else knows of, mounted or not. If there is none of that name, does nothing.</summary>
    public void Discard(string name)
    {
        if (TryGet(name) is { } layer)
        {
            Remove(layer);
        }
    }

    /// <summary>Removes the directories of a layer in the driver.</summary>
    public void RemoveTrees(ReadWriteLayer layer)
    {
        context.Driver.Remove(layer.MountId);
        if (layer.InitId is { } initId)
        {
            context.Driver.Remove(initId);
        }
    }

    // One that is there but cannot be read is damaged.
    private BlobsException Missing(string name) => RootPaths.IsName(name) && DirectoryPresence.IsThere(_paths.Mount(name))
        ? LayerDatabase.Damaged(_paths.Mount(name))
        : new NotFoundException(context.Root, $"{context.Root}: no read-write layer '{name}' ({context.DriverName})");
}
