using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>A data root as one storage driver sees it: where it is, its paths, its driver, its owners, and how it was opened. All stores of
/// the root share one.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootContext
{
    private readonly HashSet<string> _told = [];

    private RootContext(string root, DockerRootOptions options, string driver)
    {
        Root = root;
        Options = options;
        Paths = new RootPaths(root, driver);
        Owners = OwnerMap.Of(root);
        Driver = driver switch
        {
            StorageDrivers.Overlay2 => new Overlay2Driver(Paths, Owners),
            StorageDrivers.Overlay => new OverlayDriver(Paths, Owners),
            StorageDrivers.Vfs => new VfsDriver(Paths, Owners),
            _ => throw new StoreException(root, $"{root}: no storage driver is named '{driver}'; there are overlay2, overlay and vfs"),
        };
    }

    /// <summary>The data root, as an absolute path.</summary>
    public string Root { get; }

    public DockerRootOptions Options { get; }

    public Limits Limits => Options.Limits;

    public RootPaths Paths { get; }

    public ILayerDriver Driver { get; }

    public string DriverName => Driver.Name;

    /// <summary>Maps the owners in layers to those on this machine.</summary>
    public OwnerMap Owners { get; }

    /// <summary>Opens a root, which need not exist yet.</summary>
    /// <exception cref="StoreException">The driver is unknown, or the root is in a subdirectory of this one, as a daemon with remapped
    /// users keeps it.</exception>
    /// <exception cref="ContainerdRootException">No driver was named, and containerd keeps the root's images.</exception>
    public static RootContext Open(string root, DockerRootOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        options ??= new DockerRootOptions();
        RemappedRoots.ThrowIfAbove(path);
        if (options.Driver is null)
        {
            ContainerdImages.ThrowIfKept(path);
        }

        return new RootContext(path, options, options.Driver ?? DataRoot.DriverOf(path));
    }

    /// <summary>Requires a data root with an image database of this driver. Without the check a wrong directory would look like an empty
    /// root.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public void Require() => DataRoot.Require(Root, DriverName);

    /// <summary>Takes the root for reading.</summary>
    /// <exception cref="RootBusyException">Another program still removes something when the wait is over.</exception>
    public Task<RootLock> ReadAsync(CancellationToken cancellationToken) =>
        RootLock.ReadAsync(Root, Options.LockWait, cancellationToken);

    /// <summary>Takes the root for writing, without sweeping it.</summary>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<RootLock> WriteAsync(CancellationToken cancellationToken) =>
        RootLock.WriteAsync(Root, Options.LockWait, cancellationToken);

    /// <summary>Reports a notice, each text once.</summary>
    public void Tell(string? notice)
    {
        if (notice is null || Options.Notices is null)
        {
            return;
        }

        lock (_told)
        {
            if (!_told.Add(notice))
            {
                return;
            }
        }

        Options.Notices.Report(notice);
    }

    /// <summary>Flushes everything that was written to the root, unless durability is <see cref="Durability.None"/>.</summary>
    public void FlushAll()
    {
        if (Options.Durability != Durability.None)
        {
            DurableDirectory.FlushFileSystem(Root);
        }
    }

    /// <summary>Flushes the names in a directory, unless durability is <see cref="Durability.None"/>.</summary>
    public void FlushNames(string directory)
    {
        if (Options.Durability != Durability.None)
        {
            DurableDirectory.Flush(directory);
        }
    }
}
