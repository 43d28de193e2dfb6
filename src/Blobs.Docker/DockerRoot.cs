using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>
/// A Docker data root as one storage driver sees it: layers, images, their names, what is known of registries. Opening one writes nothing,
/// and it need not exist: what makes images makes it, and everything else throws <see cref="NotFoundException"/> where it is not there.
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

    /// <summary>The images, by id.</summary>
    public ImageStore Images { get; }

    /// <summary>The images' names.</summary>
    public ImageNames Names { get; }

    /// <summary>Which blobs of registries hold which layers.</summary>
    public DistributionStore Distribution { get; }

    /// <summary>The containers.</summary>
    public ContainerStore Containers { get; }

    /// <summary>Opens a data root.</summary>
    /// <param name="path">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">Driver and limits.</param>
    /// <exception cref="StoreException">The driver is unknown.</exception>
    /// <exception cref="ContainerdRootException">No driver was named, and containerd keeps the root's images.</exception>
    public static DockerRoot Open(string path, DockerRootOptions? options = null) => new(RootContext.Open(path, options));

    /// <summary>Requires that there is a data root, with something of this driver in it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="StoreException">It is not a directory.</exception>
    /// <exception cref="SystemCallException">The kernel refused to show it.</exception>
    public void Require() => Context.Require();

    /// <summary>Finds an image as <c>docker</c> does: by name, by id, or by the start of an id.</summary>
    /// <param name="name">What a user typed.</param>
    /// <exception cref="NotFoundException">There is none, or no data root.</exception>
    /// <exception cref="StoreException">Several ids begin so, or it cannot be used.</exception>
    public Image Find(string name) => new ImageFinder(this).Find(name);

    /// <summary>As <see cref="Find"/>; null when there is none, or it cannot be used.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">Several ids begin so.</exception>
    public Image? TryFind(string name) => new ImageFinder(this).TryFind(name);

    /// <summary>Gives an image a name, and notes when.</summary>
    /// <param name="image">An image of this root.</param>
    /// <param name="name">The name; its tag is <c>latest</c> when it has none.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <returns>The image that had the name before, if another.</returns>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Digest?> TagAsync(Image image, ImageReference name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Digest is not null)
        {
            throw new StoreException(Path, $"'{name.Familiar}': refusing to create a tag with a digest reference");
        }

        using RootLock taken = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        Digest? previous = Names.Set(name, image.Id);
        Images.SetLastUpdated(image.Id, DateTimeOffset.Now);
        return previous;
    }

    /// <summary>The images, the latest first; of one second in the order of their ids. Those without a name that others were made
    /// from are left out.</summary>
    /// <param name="all">Whether to list those too.</param>
    /// <exception cref="Errors.NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ImageSummary> List(bool all = false) => new RootListing(this).Images(all);

    /// <summary>How an image was made, the latest step first.</summary>
    /// <param name="image">An image of this root.</param>
    public IReadOnlyList<HistoryStep> HistoryOf(Image image) => new RootListing(this).HistoryOf(image);

    /// <summary>An image as compact JSON, with the members that <c>docker inspect</c> prints.</summary>
    /// <param name="image">An image of this root.</param>
    public ReadOnlyMemory<byte> Inspect(Image image) => new Inspector(this).OfImage(image);

    /// <summary>Makes an image of another one with files on top, as a build step <c>ADD</c> does.</summary>
    /// <param name="from">Name or id of the image below.</param>
    /// <param name="added">What is added, one after another, as one layer.</param>
    /// <param name="name">What to call the image; nothing when null.</param>
    /// <param name="layer">How the layer's tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Something to be added is not there.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Image> AddAsync(
        string from,
        IReadOnlyList<AddedPath> added,
        ImageReference? name = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default) =>
        new ImageBuilder(this).AddAsync(from, added, name, layer, cancellationToken);

    /// <summary>Makes an image of what a container changed, on top of the container's own.</summary>
    /// <param name="container">A container of this root.</param>
    /// <param name="name">What to call the image; nothing when null.</param>
    /// <param name="author">Who makes it.</param>
    /// <param name="comment">A remark.</param>
    /// <param name="layer">How the layer's tar is made.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">The container's image or layers are not there.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Image> CommitAsync(
        Container container,
        ImageReference? name = null,
        string? author = null,
        string? comment = null,
        LayerDiffOptions? layer = null,
        CancellationToken cancellationToken = default) =>
        new ImageBuilder(this).CommitAsync(container, name, author, comment, layer, cancellationToken);

    /// <summary>
    /// Takes a name away, and with the last one the image, its parents that nothing names or uses, and the layers that no image is left
    /// for. By id the image goes if it has one name at most.
    /// </summary>
    /// <param name="name">Name or id of the image.</param>
    /// <param name="force">Also when stopped containers use it, or by id when it has several names.</param>
    /// <param name="keepParents">Leaves the images it was made from.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <returns>What is gone, in the order it went, and which of its layers BuildKit's cache keeps.</returns>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">Something uses the image.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Removal<Removed>> RemoveImageAsync(
        string name, bool force = false, bool keepParents = false, CancellationToken cancellationToken = default) =>
        new ImageRemover(this).RemoveAsync(name, force, keepParents, cancellationToken);

    /// <summary>The layers that no image and no container needs, each before its parent: those that were ingested on their own,
    /// and those of pulls that did not finish.</summary>
    /// <exception cref="StoreException">An image's config is damaged, so which layers it needs is unknown.</exception>
    public Removal<Layer> UnneededLayers() => Layers.Unreferenced(Images.NeededLayers());

    /// <summary>Removes <see cref="UnneededLayers"/>.</summary>
    /// <param name="cancellationToken">Cancels the wait for other programs, and the work between two layers.</param>
    /// <returns>What is gone, in the order it went.</returns>
    /// <exception cref="StoreException">An image's config is damaged, so which layers it needs is unknown.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Removal<Layer>> PruneLayersAsync(CancellationToken cancellationToken = default)
    {
        using RootLock taken = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        return await Layers.RemoveUnreferencedAsync(Images.NeededLayers(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The containers, the latest first.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ContainerOverview> ListContainers() => new RootListing(this).Containers();

    /// <summary>A container as compact JSON, with the members that <c>docker inspect</c> prints. What the engine
    /// computes while it runs is as the files say.</summary>
    /// <param name="container">A container of this root.</param>
    /// <exception cref="StoreException">Its files are damaged.</exception>
    public ReadOnlyMemory<byte> Inspect(Container container) => new Inspector(this).OfContainer(container);

    /// <summary>Makes a container, which an engine then lists, inspects and starts.</summary>
    /// <param name="imageName">Name or id of its image.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="cancellationToken">Ends the work; nothing of it stays.</param>
    /// <exception cref="NotFoundException">There is no such image, or no data root.</exception>
    /// <exception cref="StoreException">The name is taken, or there is nothing to run.</exception>
    /// <exception cref="SystemCallException">The kernel refused something: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task<Container> CreateContainerAsync(
        string imageName, ContainerOptions? options = null, CancellationToken cancellationToken = default) =>
        new ContainerCreator(this).CreateAsync(imageName, options, cancellationToken);

    /// <summary>Mounts a container's tree, and adds the files that a start adds. Each call needs one of
    /// <see cref="UnmountContainerAsync"/>.</summary>
    /// <returns>The directory where the tree is.</returns>
    /// <exception cref="NotFoundException">Its layers are not there.</exception>
    /// <exception cref="SystemCallException">The kernel refused: mounting an overlay is for root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public async Task<string> MountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        using RootLock taken = await BeginChangingAsync(cancellationToken).ConfigureAwait(false);
        string tree = await Layers.MountAsync(container.Id, cancellationToken).ConfigureAwait(false);
        Containers.WriteStartFiles(container);
        return tree;
    }

    /// <summary>Undoes one <see cref="MountContainerAsync"/>.</summary>
    /// <exception cref="NotFoundException">Its layers are not there.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task UnmountContainerAsync(Container container, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        return Layers.UnmountAsync(container.Id, cancellationToken);
    }

    /// <summary>Removes a container with its layers, and the image's where nothing names them any more.</summary>
    /// <param name="container">A container of this root, made here or by an engine.</param>
    /// <param name="force">Also when its file says that it runs, or it is mounted.</param>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <exception cref="StoreException">It runs or is mounted.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public Task RemoveContainerAsync(Container container, bool force = false, CancellationToken cancellationToken = default) =>
        new ContainerRemover(this).RemoveAsync(container, force, cancellationToken);

    /// <summary>Takes the root for reading: nothing in it is removed meanwhile. A Docker daemon is no obstacle.</summary>
    /// <param name="cancellationToken">Cancels the wait for a program that removes something.</param>
    /// <exception cref="RootBusyException">Another program still removes something when the wait is over.</exception>
    public Task<RootLock> BeginReadAsync(CancellationToken cancellationToken = default) =>
        Context.ReadAsync(cancellationToken);

    /// <summary>The uppermost layers of all images: what must stay.</summary>
    internal HashSet<ChainId> TopLayers() => [.. Images.Images().Select(image => image.Config.ChainId).OfType<ChainId>()];

    /// <summary>Takes a root that exists for writing, to change names and records in it.</summary>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="RootBusyException">Another program writes to the root, or a Docker daemon holds it.</exception>
    public async Task<DockerRootChange> BeginChangeAsync(CancellationToken cancellationToken = default) =>
        new(this, await BeginChangingAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Takes a root that is there for writing. Unlike <see cref="BeginWriteAsync"/> it makes none.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    internal Task<RootLock> BeginChangingAsync(CancellationToken cancellationToken)
    {
        Require();
        return BeginWriteAsync(cancellationToken);
    }

    /// <summary>Takes the root for writing, around everything that a verb changes.</summary>
    internal Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken) =>
        new RootSweeper(this).BeginWriteAsync(cancellationToken);

    /// <summary>Keeps daemons from starting on the root while layers come in over a network. Others may write to it meanwhile: every
    /// write takes the root for as long as it lasts.</summary>
    /// <param name="cancellationToken">Cancels the wait for other programs.</param>
    /// <exception cref="RootBusyException">Another program writes to the root right now, or a Docker daemon holds it.</exception>
    public async Task<RootLock> BeginUnpackingAsync(CancellationToken cancellationToken = default)
    {
        using RootLock writing = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return writing.BeginUnpacking();
    }
}
