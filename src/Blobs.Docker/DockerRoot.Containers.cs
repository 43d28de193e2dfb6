using System.Text;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <content>Containers: made so that an engine starts them, mounted, removed.</content>
public sealed partial class DockerRoot
{
    /// <summary>The containers, the latest first.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ContainerOverview> ListContainers() =>
    [
        .. Containers.Containers().Select(container => new ContainerOverview
        {
            Container = container,
            Image = ImageNameOf(container),
            IsMounted = Layers.TryGetReadWrite(container.Id) is not null && Layers.IsMounted(container.Id),
        }),
    ];

    /// <summary>Makes a container, which an engine then lists, inspects and starts.</summary>
    /// <param name="imageName">Name or id of its image.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">The name is taken, or there is nothing to run.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Container> CreateContainerAsync(
        string imageName, ContainerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageName);
        options ??= new ContainerOptions();
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        Image image = Find(imageName);
        string id = CacheId.Create();
        string name = options.Name ?? $"blobs_{DigestText.Shorten(id)}";
        Containers.CheckName(name);
        RunConfig config = ContainerConfig.Merge(options, image.Config.Config, imageName, id);
        string[] words = [.. config.Entrypoint ?? [], .. config.Cmd ?? []];
        var container = new Container
        {
            Id = id,
            Name = name,
            Created = GoTime.Of(DateTimeOffset.UtcNow),
            Path = words[0],
            Arguments = words[1..],
            Config = config,
            ImageId = image.Id,
            Driver = DriverName,
            State = new ContainerState(),
        };
        IReadOnlyList<Volume> volumes = ContainerConfig.VolumesOf(config, CacheId.Create);
        VolumeStore made = Containers.Volumes();
        try
        {
            Containers.Stage(container, options.Network, volumes);
            await Layers.CreateReadWriteAsync(id, image.Config.ChainId, withInit: true, cancellationToken).ConfigureAwait(false);
            await PrepareTreeAsync(container, volumes, made, cancellationToken).ConfigureAwait(false);
            Context.FlushAll();
            Containers.Publish(id);
            Context.FlushNames(Containers.Folder);
            return container;
        }
        catch
        {
            made.Undo();

            // It may be in sight, and only its name not on disk.
            Containers.TryHide(id);
            DiscardContainer(id);
            throw;
        }
    }

    /// <summary>Mounts a container's tree, and adds the files that a start adds. Each call asks for one of
    /// <see cref="UnmountContainerAsync"/>.</summary>
    /// <returns>The directory where the tree is.</returns>
    /// <exception cref="NotFoundException">Its layers are not there.</exception>
    /// <exception cref="SystemCallException">The kernel refused: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<string> MountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        string tree = await Layers.MountAsync(container.Id, cancellationToken).ConfigureAwait(false);
        Containers.WriteStartFiles(container);
        return tree;
    }

    /// <summary>Takes one mount of a container's tree back.</summary>
    /// <exception cref="NotFoundException">Its layers are not there.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public Task UnmountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        return Layers.UnmountAsync(container.Id, cancellationToken);
    }

    /// <summary>Removes a container with its layers, and the image's where nothing names them any more.</summary>
    /// <param name="container">A container of this root, made here or by an engine.</param>
    /// <param name="force">Also when its file says that it runs, or it is mounted.</param>
    /// <param name="cancellationToken">Ends the waiting for others.</param>
    /// <exception cref="StoreException">It runs or is mounted.</exception>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task RemoveContainerAsync(Container container, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        if (container.State.Running && !force)
        {
            throw new StoreException(
                Path,
                $"you cannot remove a running container {container.Id}: " +
                "stop the container before attempting removal or force remove");
        }

        string[] mounted = [.. LayersOf(container.Id, container.ImageMounts).Select(layer => layer.Name).Where(Layers.IsMounted)];
        if (mounted.Length > 0 && !force)
        {
            throw new StoreException(Path, $"{Path}: container {container.Name} is mounted: unmount it, or force the removal");
        }

        foreach (string layer in mounted)
        {
            while (Layers.IsMounted(layer))
            {
                await Layers.UnmountAsync(layer, cancellationToken).ConfigureAwait(false);
            }
        }

        if (Containers.TryHide(container.Id))
        {
            // On disk before its layers go: after a crash of the machine a container has them, or it is none.
            Context.FlushNames(Containers.Folder);
        }

        await DropContainerAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
    }

    // The files stay hidden until the layers are gone: what is interrupted in between is found by them and finished.
    private async Task DropContainerAsync(string id, CancellationToken cancellationToken)
    {
        ReadWriteLayer[] layers = [.. LayersOf(id, Containers.HiddenImageMounts(id))];
        Array.ForEach(layers, layer => Layers.NoteRelease(layer.Parent));
        foreach (ReadWriteLayer layer in layers)
        {
            await Layers.RemoveReadWriteAsync(layer.Name, cancellationToken).ConfigureAwait(false);
            if (layer.Parent is { } parent)
            {
                await Layers.ReleaseAsync(parent, TopLayers(), cancellationToken).ConfigureAwait(false);
            }
        }

        Containers.DropHidden(id);
    }

    // Those that some program was making or removing when it ended: the layers first, as the files are what finds them.
    private string[] SweepContainers()
    {
        string[] unfinished = [.. Containers.HiddenIds()];
        foreach (string id in unfinished)
        {
            foreach (ReadWriteLayer layer in LayersOf(id, Containers.HiddenImageMounts(id)).ToArray())
            {
                Layers.NoteRelease(layer.Parent);
                Layers.DiscardReadWrite(layer.Name);
            }

            DiscardContainer(id);
        }

        return unfinished;
    }

    // The container's own, and those of the images it mounts: their names differ from engine to engine, only the directories tell. A layer
    // that is another container's stays, whatever a damaged file says.
    private IEnumerable<ReadWriteLayer> LayersOf(string id, IReadOnlyList<ImageMount> mounts)
    {
        IEnumerable<ReadWriteLayer> mounted = mounts.Count == 0
            ? []
            : Layers.ReadWriteLayers().Where(layer =>
                layer.Name != id && !Containers.Has(layer.Name) && mounts.Any(mount => mount.MountId == layer.MountId));
        return Layers.TryGetReadWrite(id) is { } own ? [own, .. mounted] : mounted;
    }

    private void DiscardContainer(string id)
    {
        Layers.DiscardReadWrite(id);
        Containers.DropHidden(id);
    }

    // As the engine does. An image without its working directory would still start, as the runtime makes it too.
    private async Task PrepareTreeAsync(
        Container container, IReadOnlyList<Volume> volumes, VolumeStore made, CancellationToken cancellationToken)
    {
        string directory = (container.Config.WorkingDir ?? "").Trim('/');
        if (directory.Length + volumes.Count == 0)
        {
            return;
        }

        string tree = await Layers.MountAsync(container.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            using DirectoryHandle root = DirectoryHandle.Open(tree);
            if (directory.Length > 0)
            {
                TreeDirectories.Ensure(root, Encoding.UTF8.GetBytes(directory), Context.Owners);
            }

            foreach (Volume volume in volumes)
            {
                made.Make(volume, root);
            }
        }
        finally
        {
            await Layers.UnmountAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private string ImageNameOf(Container container)
    {
        string name = container.Config.Image ?? "";
        return name.Length > 0 && TryFind(name)?.Id == container.ImageId ? name : $"{container.ImageId}";
    }
}
