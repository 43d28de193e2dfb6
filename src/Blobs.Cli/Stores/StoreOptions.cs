using System.CommandLine;
using System.Runtime.Versioning;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Transfer;

namespace Blobs.Cli.Stores;

/// <summary>The options of a verb that works on the images of an engine: which store, and how to open it.</summary>
/// <param name="writes">Whether the verb writes to the store.</param>
/// <param name="onlyAtEnd">Whether it writes only at the end, and locks a data root for reading until then.</param>
/// <param name="makes">Whether it makes a store that is not there.</param>
[SupportedOSPlatform("linux")]
internal sealed class StoreOptions(bool writes, bool onlyAtEnd = false, bool makes = false)
{
    private readonly RootOptions _root = new(writes, onlyAtEnd, makes)
    {
        RootDescription = $"Docker data root, store of podman (containers/storage), or a place: containers-storage:[DIR], "
            + $"containerd:[NAMESPACE]{(makes ? ", erofs:DIR" : "")}; $BLOBS_ROOT sets the default.",
    };

    private readonly ContainerdAccessOptions _containerd = new();
    private readonly ErofsTargetOptions _erofs = new();

    public void AddTo(Command command)
    {
        _root.AddTo(command);
        _containerd.AddTo(command, writes: makes);
        if (makes)
        {
            _erofs.AddTo(command, _root.TextIn);
        }
    }

    /// <summary>A place, with the address that was given.</summary>
    public ImagePlace At(ParseResult arguments, ImagePlace place) => _containerd.Locate(arguments, place);

    /// <summary>The stores of a call, opened as its images name them.</summary>
    public OpenedStores Open(ParseResult arguments, CancellationToken cancellationToken) =>
        new(store => OpenAsync(arguments, store, cancellationToken));

    /// <summary>What <c>--root</c> names.</summary>
    public ImagePlace PlaceIn(ParseResult arguments) => At(arguments, RootPlace.Of(arguments, _root.RootIn(arguments)));

    public string? DriverIn(ParseResult arguments) => _root.DriverIn(arguments);

    /// <summary>Opens a Docker data root, and locks it.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="path">Its directory; what <c>--root</c> names when null.</param>
    /// <param name="cancellationToken">Ends the wait for its lock.</param>
    public Task<LockedRoot> OpenRootAsync(ParseResult arguments, string? path, CancellationToken cancellationToken) =>
        _root.OpenAsync(arguments, path ?? RootPlace.Docker(_root.RootIn(arguments)), cancellationToken);

    /// <summary>Opens a store.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="place">The store; that of <c>--root</c> when null.</param>
    /// <param name="cancellationToken">Ends the wait for its lock.</param>
    public async Task<ImageStore> OpenAsync(ParseResult arguments, ImagePlace? place, CancellationToken cancellationToken)
    {
        place = place is null ? PlaceIn(arguments) : At(arguments, place);
        return place.Transport switch
        {
            ImageTransport.DockerData => new DockerImageStore(
                await _root.OpenAsync(arguments, place.Path, cancellationToken).ConfigureAwait(false)),
            ImageTransport.ContainersStorage => new ContainersImageStore(OpenStore(arguments, place)),
            ImageTransport.Containerd => new ContainerdImageStore(ContainerdStore.Open(place.Address, place.Path)),
            _ => throw new WorkFailedException($"{place}: holds layers, not images; only copy, pull and load write there"),
        };
    }

    /// <summary>Opens a place to put images into.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="locks">Whether to hold a data root's lock all the time.</param>
    /// <param name="cancellationToken">Ends the wait for its lock.</param>
    public async Task<ImageSink> OpenSinkAsync(ParseResult arguments, bool locks, CancellationToken cancellationToken)
    {
        ImagePlace place = PlaceIn(arguments);
        if (place.Transport == ImageTransport.DockerData)
        {
            LockedRoot locked = await _root.OpenAsync(arguments, place.Path, cancellationToken).ConfigureAwait(false);
            if (!locks)
            {
                locked.Dispose();
            }

            return new DockerImageSink(locked.Root, locks ? locked : null);
        }

        var write = new CopyOptions
        {
            Durability = _root.DurabilityIn(arguments),
            LockWait = _root.WaitIn(arguments),
            Containerd = _containerd.For(arguments),
            Notices = Notices.ToStandardError,
        };
        return place.Transport switch
        {
            ImageTransport.ContainersStorage => new PlaceSink(OpenStore(arguments, place).Root, "overlay", place, write),
            ImageTransport.Containerd => new PlaceSink($"{place}", write.Containerd.Snapshotter, place, write),
            _ => new PlaceSink(place.Path, "erofs", place, _erofs.In(arguments, write)),
        };
    }

    private ContainersStore OpenStore(ParseResult arguments, ImagePlace place) => ContainersStore.Open(
        place.Path.Length > 0 ? place.Path : ContainersStore.DefaultRoot,
        new ContainersStoreOptions { Durability = _root.DurabilityIn(arguments), LockWait = _root.WaitIn(arguments) });
}
