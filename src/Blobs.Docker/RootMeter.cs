using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Trees;

namespace Blobs.Docker;

/// <summary>Measures what a data root takes, as <c>docker system df</c> does.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootMeter(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.MeasureAsync"/>
    public async Task<RootUsage> MeasureAsync(CancellationToken cancellationToken)
    {
        using RootLock taken = await root.BeginReadAsync(cancellationToken).ConfigureAwait(false);
        ImageUsage[] images = [.. Images()];
        Layer[] layers = [.. root.Layers.Layers()];
        HashSet<ChainId> listed = LayersOf(images);
        HashSet<ChainId> used = LayersOf(images.Where(image => image.Containers > 0));
        var blobs = new KeptBlobs(root);
        return new RootUsage
        {
            Images = images,
            ImageBytes = layers.Where(layer => listed.Contains(layer.ChainId)).Sum(layer => layer.Size),
            UnusedImageBytes = layers.Where(layer => listed.Contains(layer.ChainId) && !used.Contains(layer.ChainId))
                .Sum(layer => layer.Size),
            Containers = [.. root.ListContainers().Select(Measure)],
            Volumes = Volumes(cancellationToken),
            OtherLayers = [.. layers.Where(layer => !listed.Contains(layer.ChainId))],
            UnneededLayers = root.UnneededLayers(),
            BuildCache = BuildCache(layers, cancellationToken),
            Blobs = blobs.All(),
            UnneededBlobs = blobs.IsRegistry ? [] : blobs.Unneeded(root.List(all: true)),
            Leftovers = await LeftoversAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private static HashSet<ChainId> LayersOf(IEnumerable<ImageUsage> images) =>
        [.. images.SelectMany(image => image.Image.Image.Config.ChainIds)];

    private IEnumerable<ImageUsage> Images()
    {
        IReadOnlyList<ImageSummary> images = root.List();
        Dictionary<ChainId, int> users = images.SelectMany(image => image.Image.Config.ChainIds).CountBy(id => id).ToDictionary();
        Container[] containers = [.. root.Containers.Containers()];
        return images.Select(image => new ImageUsage(
            image,
            image.Image.Config.ChainIds.Where(id => users[id] > 1).Sum(id => root.Layers.TryGet(id)?.Size ?? 0),
            containers.Count(container => container.Uses(image.Image.Id))));
    }

    private ContainerUsage Measure(ContainerOverview overview) => new(
        overview,
        root.Layers.TryGetReadWrite(overview.Container.Id) is { } layer ? root.Layers.SizeOf(layer) : 0,
        overview.Container.VolumeNames.Count);

    private VolumeUsage[] Volumes(CancellationToken cancellationToken)
    {
        string[] used = [.. root.Containers.Containers().SelectMany(container => container.VolumeNames)];
        return [.. root.Containers.Volumes().Names()
            .Select(name => new VolumeUsage(
                name, SizeOf(root.Context.Paths.VolumeData(name), cancellationToken), used.Count(other => other == name)))];
    }

    private DirectoryUsage[] BuildCache(Layer[] layers, CancellationToken cancellationToken)
    {
        HashSet<string> known = [.. layers.Select(layer => layer.CacheId)];
        return [.. root.Layers.BuildCacheDirectories().Where(id => !known.Contains(id))
            .Select(root.Context.Driver.PathOf).Select(path => new DirectoryUsage(path, SizeOf(path, cancellationToken)))];
    }

    // What a living writer is about to finish looks the same, so nobody may be writing.
    private async Task<IReadOnlyList<DirectoryUsage>?> LeftoversAsync(CancellationToken cancellationToken)
    {
        try
        {
            using RootLock alone = await RootLock.WriteAsync(root.Path, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> paths = await root.Layers.SweepAsync(isTrial: true, cancellationToken).ConfigureAwait(false);
            return [.. paths.Select(path => new DirectoryUsage(path, SizeOf(path, cancellationToken)))];
        }
        catch (Exception fault) when (fault is RootBusyException or SystemCallException)
        {
            return null;
        }
    }

    private static long SizeOf(string path, CancellationToken cancellationToken)
    {
        if (!FilePath.IsDirectory(path))
        {
            return FileStamp.TryGet(path, out FileStamp stamp, out _) ? stamp.Length : 0;
        }

        using DirectoryHandle directory = DirectoryHandle.Open(path);
        return TreeSize.Of(directory, cancellationToken);
    }
}
