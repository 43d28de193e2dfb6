using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Docker;

/// <content>What <c>docker images</c> and <c>docker history</c> show.</content>
public sealed partial class DockerRoot
{
    /// <summary>The images, the latest first; of one second in the order of their ids. Those without a name that others were made
    /// from are left out.</summary>
    /// <param name="all">Whether to list those too.</param>
    /// <exception cref="Errors.NotFoundException">There is no data root.</exception>
    public IReadOnlyList<ImageSummary> List(bool all = false)
    {
        Image[] images = [.. Images.Images()];
        HashSet<Digest> parents = [.. images.Select(image => image.Parent).OfType<Digest>()];
        ILookup<Digest, ImageReference> names = Names.Read().All.ToLookup(item => item.Value, item => item.Key);
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

    /// <summary>How an image was made, the latest step first.</summary>
    /// <param name="image">An image of this root.</param>
    public IReadOnlyList<HistoryStep> HistoryOf(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        NameTable names = Names.Read();
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
            made = made?.Parent is { } parent ? Images.TryGet(parent) : null;
        }

        return steps;
    }

    private long SizeOf(ChainId id, Dictionary<ChainId, long> known)
    {
        if (!known.TryGetValue(id, out long size))
        {
            size = Layers.TryGet(id)?.Size ?? 0;
            known.Add(id, size);
        }

        return size;
    }
}
