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
public sealed partial class DockerRoot
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
    /// <exception cref="StoreException">The driver is none that is known.</exception>
    /// <exception cref="ContainerdRootException">No driver was named, and containerd keeps the root's images.</exception>
    public static DockerRoot Open(string path, DockerRootOptions? options = null) => new(RootContext.Open(path, options));

    /// <summary>Requires that there is a data root, with something of this driver in it.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="StoreException">Its place is not a directory.</exception>
    /// <exception cref="SystemCallException">The kernel does not let it be looked at.</exception>
    public void Require() => Context.Require();

    /// <summary>Finds an image as <c>docker</c> does: by name, by id, or by the start of an id.</summary>
    /// <param name="name">What a user typed.</param>
    /// <exception cref="NotFoundException">There is none, or no data root.</exception>
    /// <exception cref="StoreException">Several ids begin so, or it cannot be used.</exception>
    public Image Find(string name)
    {
        if (IdOf(name) is not { } id)
        {
            throw NoSuchImage(name);
        }

        return Images.TryGet(id) ?? throw (Images.HasConfig(id)
            ? new StoreException(Path, $"{Path}: image {id} is damaged, or lacks some of its layers ({DriverName})")
            : NoSuchImage(name));
    }

    /// <summary>As <see cref="Find"/>; null when there is none, or it cannot be used.</summary>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">Several ids begin so.</exception>
    public Image? TryFind(string name) => IdOf(name) is { } id ? Images.TryGet(id) : null;

    // What a name, an id or the start of one stands for; whether that image is whole is another question.
    private Digest? IdOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Require();
        string id = DigestText.WithSha256(name);
        if (Digest.TryParse(id, null, out Digest digest))
        {
            return digest;
        }

        // A short id reads as a name too; one that is a name means that.
        bool isNamed = ImageReference.TryParse(name, out ImageReference? reference);
        return isNamed && Names.Read().TryGet(reference!, out Digest? named) ? named : Images.SearchId(name);
    }

    /// <summary>Gives an image a name, and notes when.</summary>
    /// <param name="image">An image of this root.</param>
    /// <param name="name">The name; its tag is <c>latest</c> when it has none.</param>
    /// <param name="cancellationToken">Ends the waiting for others.</param>
    /// <returns>The image that had the name before, if another.</returns>
    /// <exception cref="RootBusyException">Somebody else writes to the root, or a Docker daemon holds it.</exception>
    public async Task<Digest?> TagAsync(Image image, ImageReference name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(name);
        if (name.Digest is not null)
        {
            throw new StoreException(Path, $"'{name.Familiar}': refusing to create a tag with a digest reference");
        }

        using RootLock taken = await BeginChangeAsync(cancellationToken).ConfigureAwait(false);
        Digest? previous = Names.Set(name, image.Id);
        Images.SetLastUpdated(image.Id, DateTimeOffset.Now);
        return previous;
    }

    /// <summary>Takes the root for reading: nothing in it is removed meanwhile. A Docker daemon is no obstacle.</summary>
    /// <param name="cancellationToken">Ends the wait for somebody who removes something.</param>
    /// <exception cref="RootBusyException">Somebody still removes something when the wait is over.</exception>
    public Task<RootLock> BeginReadAsync(CancellationToken cancellationToken = default) =>
        Context.ReadAsync(cancellationToken);

    /// <summary>The uppermost layers of all images: what must stay.</summary>
    public HashSet<ChainId> TopLayers() => [.. Images.Images().Select(image => image.Config.ChainId).OfType<ChainId>()];

    /// <summary>Takes a root that is there for writing. Only what brings layers in makes one.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Task<RootLock> BeginChangeAsync(CancellationToken cancellationToken)
    {
        Require();
        return BeginWriteAsync(cancellationToken);
    }

    /// <summary>Takes the root for writing, around everything that a verb changes.</summary>
    public async Task<RootLock> BeginWriteAsync(CancellationToken cancellationToken)
    {
        RootLock taken = await Layers.BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            taken.Users.SweepOnce($"{DriverName} images", Images.Sweep);
            taken.Users.SweepOnce($"{DriverName} containers", SweepContainers);
            var unreleased = new List<ChainId>();
            taken.Users.SweepOnce($"{DriverName} releases", () =>
            {
                unreleased.AddRange(Layers.NotedReleases());
                return [];
            });
            foreach (ChainId top in unreleased)
            {
                await Layers.ReleaseAsync(top, TopLayers(), cancellationToken).ConfigureAwait(false);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Takes the root for what brings layers in from far away: others may write to it, and no daemon can start on it.</summary>
    public async Task<RootLock> BeginUnpackingAsync(CancellationToken cancellationToken)
    {
        using RootLock writing = await BeginWriteAsync(cancellationToken).ConfigureAwait(false);
        return writing.BeginUnpacking();
    }

    private NotFoundException NoSuchImage(string name)
    {
        string shown = ImageReference.TryParse(name, out ImageReference? reference) ? reference.WithDefaultTag().Familiar : name;
        return new NotFoundException(Path, $"{Path}: no such image: {shown} ({DriverName})");
    }
}
