using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;

namespace Blobs.Docker.Layers;

/// <summary>A data root as seen by one storage driver: its location, paths, driver, owner mapping and options. All
/// stores of the data root share one context.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootContext
{
    private readonly HashSet<string> _reported = [];

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

    /// <summary>Maps the owners in layers to the owners on this machine.</summary>
    public OwnerMap Owners { get; }

    /// <summary>Opens a data root, which need not exist yet.</summary>
    /// <exception cref="StoreException">The driver is unknown, or the actual data root is in a subdirectory, as with a
    /// Docker daemon that uses user namespace remapping.</exception>
    /// <exception cref="ContainerdRootException">No driver was specified, and containerd stores the data root's
    /// images.</exception>
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

    /// <summary>Requires a data root with an image database for this driver. Without this check, a wrong directory
    /// would look like an empty data root.</summary>
    /// <exception cref="NotFoundException">There is no such data root.</exception>
    public void Require() => DataRoot.Require(Root, DriverName);

    /// <summary>Locks the data root for reading.</summary>
    /// <exception cref="RootBusyException">Another process was still removing something when the wait
    /// ended.</exception>
    public Task<RootLock> ReadAsync(CancellationToken cancellationToken) =>
        RootLock.ReadAsync(Root, Options.LockWait, cancellationToken);

    /// <summary>Locks the data root for writing, without sweeping it.</summary>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<RootLock> WriteAsync(CancellationToken cancellationToken) =>
        RootLock.WriteAsync(Root, Options.LockWait, cancellationToken);

    /// <summary>Reports a notice. Each text is reported only once.</summary>
    public void Report(string? notice)
    {
        if (notice is null || Options.Notices is null)
        {
            return;
        }

        lock (_reported)
        {
            if (!_reported.Add(notice))
            {
                return;
            }
        }

        Options.Notices.Report(notice);
    }

    /// <summary>Flushes everything written to the data root, unless durability is
    /// <see cref="Durability.None"/>.</summary>
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
