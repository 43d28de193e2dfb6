using System.Runtime.Versioning;
using Blobs.Docker.Containers;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>Produces the listings of <c>docker images</c>, <c>docker history</c> and <c>docker ps</c>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class RootListing(DockerRoot root)
{
    /// <inheritdoc cref="DockerRoot.List"/>
    public IReadOnlyList<ImageSummary> Images(bool all)
    {
        Image[] images = [.. root.Images.Images()];
        HashSet<Digest> parents = [.. images.Select(image => image.Parent).OfType<Digest>()];
        ILookup<Digest, ImageReference> names = root.Names.Read().All.ToLookup(item => item.Value, item => item.Key);
        var sizes = new Dictionary<ChainId, long>();
        return
        [
            .. images.Where(image => all || names.Contains(image.Id) || !parents.Contains(image.Id))
                .OrderByDescending(image => image.Config.CreatedTime.ToUnixTimeSeconds()).ThenBy(image => image.Id)
                .Select(image => new ImageSummary
                {
                    Image = image,
                    Tags = [.. names[image.Id].Where(name => name.Digest is null)],
                    Digests = [.. names[image.Id].Where(name => name.Digest is not null)],
                    Size = image.Config.ChainIds.Sum(id => SizeOf(id, sizes)),
                }),
        ];
    }

    /// <inheritdoc cref="DockerRoot.HistoryOf"/>
    public IReadOnlyList<HistoryStep> HistoryOf(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        NameTable names = root.Names.Read();
        var sizes = new Dictionary<ChainId, long>();
        int layer = image.Config.History.Count(step => !step.EmptyLayer);
        Image? made = image;
        var steps = new List<HistoryStep>();
        foreach (HistoryEntry entry in image.Config.History.Reverse())
        {
            steps.Add(new HistoryStep
            {
                Entry = entry,
                Image = made?.Id,
                Tags = made is null ? [] : [.. names.Of(made.Id).Where(name => name.Digest is null)],
                Size = entry.EmptyLayer ? 0 : SizeOf(image.Config.ChainIds[--layer], sizes),
            });
            made = made?.Parent is { } parent ? root.Images.TryGet(parent) : null;
        }

        return steps;
    }

    /// <inheritdoc cref="DockerRoot.ListContainers"/>
    public IReadOnlyList<ContainerOverview> Containers() =>
    [
        .. root.Containers.Containers().Select(container => new ContainerOverview
        {
            Container = container,
            Image = ImageNameOf(container),
            IsMounted = root.Layers.TryGetReadWrite(container.Id) is not null && root.Layers.IsMounted(container.Id),
        }),
    ];

    private long SizeOf(ChainId id, Dictionary<ChainId, long> known)
    {
        if (!known.TryGetValue(id, out long size))
        {
            size = root.Layers.TryGet(id)?.Size ?? 0;
            known.Add(id, size);
        }

        return size;
    }

    private string ImageNameOf(Container container)
    {
        string name = container.Config.Image ?? "";
        return name.Length > 0 && root.TryFind(name)?.Id == container.ImageId ? name : $"{container.ImageId}";
    }
}
