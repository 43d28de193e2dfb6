using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// A Docker data root as seen by one storage driver: its layers, images, image names and registry metadata. Opening a
/// data root writes nothing, and it need not exist. Operations that create images create it; all others throw
/// <see cref="NotFoundException"/> if it does not exist.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class DockerRoot
{
    private DockerRoot(RootContext context)
    {
        Context = context;
        Layers = new LayerStore(context);
        Images = new ImageStore(context, Layers);
        Names = new ImageNames(context.Paths);
        Distribution = new DistributionStore(context.Paths);
        Containers = new ContainerStore(context);
    }

    /// <summary>The data root, as an absolute path.</summary>
    public string Path => Context.Root;

    /// <summary>The storage driver in use.</summary>
    public string DriverName => Context.DriverName;

    internal RootContext Context { get; }

    /// <summary>The layers.</summary>
    public LayerStore Layers { get; }

    /// <summary>The images, indexed by id.</summary>
    public ImageStore Images { get; }

    /// <summary>The images' names.</summary>
    public ImageNames Names { get; }

    /// <summary>Records which registry blobs hold which layers.</summary>
    public DistributionStore Distribution { get; }

    /// <summary>The containers.</summary>
    public ContainerStore Containers { get; }

    /// <summary>Opens a data root.</summary>
    /// <param name="path">The path, such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">The storage driver and limits.</param>
    /// <exception cref="StoreException">The storage driver is unknown.</exception>
    /// <exception cref="ContainerdRootException">No driver was specified, and containerd stores the data root's
    /// images.</exception>
    public static DockerRoot Open(string path, DockerRootOptions? options = null) => new(RootContext.Open(path, options));

    /// <summary>Requires that the data root exists and has data for this driver.</summary>
    /// <exception cref="NotFoundException">The data root does not exist, or has no data for this driver.</exception>
    /// <exception cref="StoreException">It is not a directory.</exception>
    /// <exception cref="SystemCallException">The data root could not be accessed.</exception>
    public void Require() => Context.Require();

    /// <summary>Finds an image as <c>docker</c> does: by name, by id, or by an id prefix.</summary>
    /// <param name="name">The name or id that the user entered.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Several ids start with the prefix, or the image is unusable.</exception>
    public Image Find(string name) => new ImageFinder(this).Find(name);

    /// <summary>Like <see cref="Find"/>, but returns null if there is no such image or it is unusable.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">Several ids start with the prefix.</exception>
    public Image? TryFind(string name) => new ImageFinder(this).TryFind(name);

    /// <summary>Gives an image a name, and records the time.</summary>
    /// <param name="image">An image in this data root.</param>
    /// <param name="name">The name; its tag defaults to <c>latest</c>.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <returns>The image that had the name before, if it was a different one.</returns>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<Digest?> TagAsync(Image image, ImageReference name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Digest is not null)
        {
            throw new StoreException(Path, $"'{name.Familiar}': refusing to create a tag with a digest reference");
        }

        using RootLock rootLock = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Digest? previous = Names.Set(name, image.Id);
        Images.SetLastUpdated(image.Id, DateTimeOffset.Now);
        return previous;
    }

    /// <summary>Lists the images, latest first. Images created in the same second are ordered by id. Unnamed images
    /// that other images were made from are omitted.</summary>
    /// <param name="all">Whether to include those images too.</param>
    /// <exception cref="Errors.NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ImageSummary> List(bool all = false) => new RootListing(this).Images(all);

    /// <summary>The steps that made an image, latest first.</summary>
    /// <param name="image">An image in this data root.</param>
    public IReadOnlyList<HistoryStep> HistoryOf(Image image) => new RootListing(this).HistoryOf(image);

    /// <summary>Returns an image as compact JSON, with the members that <c>docker inspect</c> prints.</summary>
    /// <param name="image">An image in this data root.</param>
    public ReadOnlyMemory<byte> Inspect(Image image) => new Inspector(this).OfImage(image);

    /// <summary>The layers that make up a layer's tree: its ancestors and itself, base first.</summary>
    /// <param name="layer">A layer in this data root.</param>
    /// <exception cref="NotFoundException">A layer below it is missing.</exception>
    public IReadOnlyList<ImageLayer> LayersOf(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var layers = new List<ImageLayer>();
        for (Layer? one = layer; one is not null; one = one.Parent is { } parent ? Layers.Find($"{parent}") : null)
        {
            layers.Add(new DockerImageLayer(Layers, one.ChainId, one.DiffId));
        }

        layers.Reverse();
        return layers;
    }

    /// <summary>The layers that make up a container's tree: those of its image, base first, and its own changes. The
    /// changes are found while that layer is read.</summary>
    /// <param name="container">A container in this data root.</param>
    /// <exception cref="NotFoundException">The container's layers do not exist.</exception>
    public IReadOnlyList<ImageLayer> LayersOf(Container container)
    {
        ArgumentNullException.ThrowIfNull(container);
        ReadWriteLayer changes = Layers.FindReadWrite(container.Id);
        IReadOnlyList<ImageLayer> below = changes.Parent is { } parent ? LayersOf(Layers.Find($"{parent}")) : [];
        return [.. below, new ContainerLayer(Layers, changes.Name)];
    }

    /// <summary>Makes an image from another image by adding files, as the build step <c>ADD</c> does.</summary>
    /// <param name="from">The name or id of the parent image.</param>
    /// <param name="added">The files and directories to add, in order, as one layer.</param>
    /// <param name="name">The image's name; null leaves it unnamed.</param>
    /// <param name="layer">How to create the layer's tar.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Something to be added does not exist.</exception>
    /// <exception cref="SystemCallException">A system call failed; mounting an overlay requires root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Image> AddAsync(
        string from,
        IReadOnlyList<AddedPath> added,
        ImageReference? name = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default) =>
        new ImageBuilder(this).AddAsync(from, added, name, layer, cancellationToken);

    /// <summary>Makes an image of a container's changes, on top of the container's image.</summary>
    /// <param name="container">A container in this data root.</param>
    /// <param name="name">The image's name; null leaves it unnamed.</param>
    /// <param name="author">The image's author.</param>
    /// <param name="comment">A comment for the image's history.</param>
    /// <param name="layer">How to create the layer's tar.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    /// <exception cref="NotFoundException">The container's image or layers do not exist.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Image> CommitAsync(
        Container container,
        ImageReference? name = null,
        string? author = null,
        string? comment = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default) =>
        new ImageBuilder(this).CommitAsync(container, name, author, comment, layer, cancellationToken);

    /// <summary>
    /// Removes a name. With the last name, also removes the image, those of its parents that are unnamed and unused,
    /// and the layers that no remaining image needs. Given an id, removes the image if it has at most one name.
    /// </summary>
    /// <param name="name">The name or id of the image.</param>
    /// <param name="force">Whether to remove the image even if stopped containers use it or, given an id, it has
    /// several names.</param>
    /// <param name="keepParents">Whether to keep the images it was made from.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <returns>What was removed, in order of removal, and which of the image's layers BuildKit's cache
    /// keeps.</returns>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">The image is in use.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Removal<Removed>> RemoveImageAsync(
        string name, bool force = false, bool keepParents = false, CancellationToken cancellationToken = default) =>
        new ImageRemover(this).RemoveAsync(name, force, keepParents, cancellationToken);

    /// <summary>The layers that no image and no container needs, each before its parent. These are layers that were
    /// ingested on their own, and layers of unfinished pulls.</summary>
    /// <exception cref="StoreException">An image's config is damaged, so it is unknown which layers the image
    /// needs.</exception>
    public Removal<Layer> UnneededLayers() => Layers.Unreferenced(Images.NeededLayers());

    /// <summary>Removes the layers that <see cref="UnneededLayers"/> returns.</summary>
    /// <param name="cancellationToken">Cancels the wait for other processes, or the operation between two
    /// layers.</param>
    /// <returns>What was removed, in order of removal.</returns>
    /// <exception cref="StoreException">An image's config is damaged, so it is unknown which layers the image
    /// needs.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<Removal<Layer>> PruneLayersAsync(CancellationToken cancellationToken = default)
    {
        using RootLock rootLock = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        return await Layers.RemoveUnreferencedAsync(Images.NeededLayers(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Measures what the data root takes on disk, and how much of it could go.</summary>
    /// <param name="cancellationToken">Cancels the wait for a process that is removing something.</param>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">An image's config is damaged, so it is unknown which layers it needs.</exception>
    public Task<RootUsage> MeasureAsync(CancellationToken cancellationToken = default) =>
        new RootMeter(this).MeasureAsync(cancellationToken);

    /// <summary>Finds what <see cref="PruneAsync"/> would remove.</summary>
    /// <param name="options">What to remove.</param>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">An image or a container is damaged, so it is unknown what it needs.</exception>
    public RootPrune FindPrunable(PruneOptions? options = null) => new RootPruner(this).Plan(options ?? new PruneOptions());

    /// <summary>Removes untagged images that no container uses, layers that no image and no container needs, and kept
    /// blobs that no image names.</summary>
    /// <param name="options">What else to remove.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes, or the operation between two
    /// removals.</param>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">An image or a container is damaged, so it is unknown what it needs.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<RootPrune> PruneAsync(PruneOptions? options = null, CancellationToken cancellationToken = default) =>
        new RootPruner(this).RunAsync(options ?? new PruneOptions(), cancellationToken);

    /// <summary>Lists the containers, latest first.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ContainerOverview> ListContainers() => new RootListing(this).Containers();

    /// <summary>Returns a container as compact JSON, with the members that <c>docker inspect</c> prints. Values that
    /// dockerd computes while it runs are taken from the container's files.</summary>
    /// <param name="container">A container in this data root.</param>
    /// <exception cref="StoreException">The container's files are damaged.</exception>
    public ReadOnlyMemory<byte> Inspect(Container container) => new Inspector(this).OfContainer(container);

    /// <summary>Creates a container that dockerd can list, inspect and start.</summary>
    /// <param name="imageName">The name or id of the container's image.</param>
    /// <param name="options">How to run the container.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is left behind.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">The container name is in use, or there is no command to run.</exception>
    /// <exception cref="SystemCallException">A system call failed; mounting an overlay requires root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task<Container> CreateContainerAsync(
        string imageName, ContainerOptions? options = null, CancellationToken cancellationToken = default) =>
        new ContainerCreator(this).CreateAsync(imageName, options, cancellationToken);

    /// <summary>Mounts a container's tree, and adds the files that starting it would add. Each call must be matched by
    /// a call to <see cref="UnmountContainerAsync"/>.</summary>
    /// <returns>The directory that holds the mounted tree.</returns>
    /// <exception cref="NotFoundException">The container's layers do not exist.</exception>
    /// <exception cref="SystemCallException">A system call failed; mounting an overlay requires root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<string> MountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock rootLock = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        string tree = await Layers.MountAsync(container.Id, cancellationToken).ConfigureAwait(false);
        Containers.WriteStartFiles(container);
        return tree;
    }

    /// <summary>Undoes one <see cref="MountContainerAsync"/> call.</summary>
    /// <exception cref="NotFoundException">The container's layers do not exist.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task UnmountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        return Layers.UnmountAsync(container.Id, cancellationToken);
    }

    /// <summary>Removes a container and its layers, and the layers of its image that are no longer
    /// referenced.</summary>
    /// <param name="container">A container in this data root, created by this library or by dockerd.</param>
    /// <param name="force">Whether to remove the container even if its file says that it is running, or it is
    /// mounted.</param>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <exception cref="StoreException">The container is running or mounted.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public Task RemoveContainerAsync(Container container, bool force = false, CancellationToken cancellationToken = default) =>
        new ContainerRemover(this).RemoveAsync(container, force, cancellationToken);

    /// <summary>Locks the data root for reading, so that nothing is removed from it. This works while a Docker daemon
    /// is running.</summary>
    /// <param name="cancellationToken">Cancels the wait for a process that is removing something.</param>
    /// <exception cref="RootBusyException">Another process was still removing something when the wait
    /// ended.</exception>
    public Task<RootLock> BeginReadAsync(CancellationToken cancellationToken = default) =>
        Context.ReadAsync(cancellationToken);

    /// <summary>The top layers of all images; these must be kept.</summary>
    internal HashSet<ChainId> TopLayers() => [.. Images.Images().Select(image => image.Config.ChainId).OfType<ChainId>()];

    /// <summary>Locks an existing data root for writing, to change names and records in it.</summary>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<DockerRootChange> BeginChangeAsync(CancellationToken cancellationToken = default) =>
        new(this, await BeginChangingAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Locks an existing data root for writing. Unlike <see cref="BeginWriteAsync"/>, it never creates
    /// one.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    internal Task<RootLock> BeginChangingAsync(CancellationToken cancellationToken)
    {
        Require();
        return BeginWriteAsync(cancellationToken);
    }

    /// <summary>Locks the data root for writing, for the whole of one operation.</summary>
    internal Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken) =>
        new RootSweeper(this).BeginWriteAsync(cancellationToken);

    /// <summary>Prevents Docker daemons from starting on the data root while layers are read from a network. Others may
    /// write to it in the meantime; each write locks the data root only while it lasts.</summary>
    /// <param name="cancellationToken">Cancels the wait for other processes.</param>
    /// <exception cref="RootBusyException">Another process is writing to the data root, or a Docker daemon is using
    /// it.</exception>
    public async Task<RootLock> BeginUnpackingAsync(CancellationToken cancellationToken = default)
    {
        using RootLock writing = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return writing.BeginUnpacking();
    }
}
