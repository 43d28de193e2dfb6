using System.Collections.Immutable;

namespace Blobs.Tests.Docker;

/// <summary>
/// A data root as simple as it can be said: images with their layers and parents, names, containers. Ids are text, a layer is the
/// stack down to it. The rules of removal are written down a second time here, plainly.
/// </summary>
internal sealed record RootModel
{
    public ImmutableDictionary<string, ModelImage> Images { get; init; } = ImmutableDictionary<string, ModelImage>.Empty;

    public ImmutableDictionary<string, string> Names { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Image of each container, by its name.</summary>
    public ImmutableDictionary<string, string> Containers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Layers that containers stand on; an image they came from may be gone.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> ContainerChains { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>What must be on disk, and nothing else.</summary>
    public IEnumerable<string> Layers => Images.Values.Select(image => image.Chain).Concat(ContainerChains.Values)
        .SelectMany(chain => chain).Distinct().Order(StringComparer.Ordinal);

    public RootModel WithImage(string id, ImmutableArray<string> chain, string? parent, string? name) => this with
    {
        Images = Images.ContainsKey(id) ? Images : Images.Add(id, new ModelImage(chain, parent)),
        Names = name is null ? Names : Names.SetItem(name, id),
    };

    public RootModel WithContainer(string name, string image) => this with
    {
        Containers = Containers.Add(name, image),
        ContainerChains = ContainerChains.Add(name, Images[image].Chain),
    };

    public RootModel WithoutContainer(string name) => this with
    {
        Containers = Containers.Remove(name),
        ContainerChains = ContainerChains.Remove(name),
    };

    /// <summary>Null when it is refused, and then nothing changes.</summary>
    public RootModel? RemoveName(string name, bool force)
    {
        if (!Names.TryGetValue(name, out string? image))
        {
            return null;
        }

        if (!force && NamesOf(image).Length == 1 && IsUsed(image))
        {
            return null;
        }

        RootModel left = this with { Names = Names.Remove(name) };
        return left.NamesOf(image).Length > 0 ? left : left.Prune(image, force);
    }

    /// <inheritdoc cref="RemoveName"/>
    public RootModel? RemoveId(string image, bool force)
    {
        if (!Images.ContainsKey(image) || HasChildren(image) || (IsUsed(image) && !force) || (NamesOf(image).Length > 1 && !force))
        {
            return null;
        }

        return (this with { Names = Names.RemoveRange(NamesOf(image)) }).Prune(image, force);
    }

    // The image, then its ancestors, as far as nobody needs them.
    private RootModel Prune(string image, bool force)
    {
        RootModel left = this;
        string? next = image;
        while (next is not null && left.Images.TryGetValue(next, out ModelImage? gone))
        {
            if (left.HasChildren(next) || left.NamesOf(next).Length > 0 || (left.IsUsed(next) && !force))
            {
                break;
            }

            left = left with { Images = left.Images.Remove(next) };
            next = gone.Parent;
            force = false;
        }

        return left;
    }

    private string[] NamesOf(string image) => [.. Names.Where(item => item.Value == image).Select(item => item.Key)];

    private bool HasChildren(string image) => Images.Values.Any(child => child.Parent == image);

    private bool IsUsed(string image) => Containers.ContainsValue(image);

    internal sealed record ModelImage(ImmutableArray<string> Chain, string? Parent);
}
