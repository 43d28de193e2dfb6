using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.ContainersStorage;

/// <summary>The paths of a store with the <c>overlay</c> driver. Ids come from documents, so they are checked before they
/// become a part of a path.</summary>
internal sealed class StorePaths(string root)
{
    public string Root => root;

    /// <summary>One directory for each layer.</summary>
    public string Overlay { get; } = Path.Combine(root, "overlay");

    /// <summary>Short names of layers' trees, for mount options.</summary>
    public string Links => Path.Combine(Overlay, "l");

    /// <summary>Says whether the store is in the form of fuse-overlayfs.</summary>
    public string MountProgramFile => Path.Combine(Overlay, ".has-mount-program");

    /// <summary>Trees that are not layers yet. They are on the mount of <see cref="Overlay"/>, which podman binds onto
    /// itself: a rename from anywhere else fails.</summary>
    public string StagedTrees => Path.Combine(Overlay, "tempdirs");

    /// <summary>Records and recordings of layers.</summary>
    public string Layers { get; } = Path.Combine(root, "overlay-layers");

    /// <summary>Recordings of layers that are not there yet.</summary>
    public string StagedRecordings => Path.Combine(Layers, "tmp");

    public string LayersFile => Path.Combine(Layers, "layers.json");

    public string VolatileLayersFile => Path.Combine(Layers, "volatile-layers.json");

    public string LayersLock => Path.Combine(Layers, "layers.lock");

    /// <summary>Records and documents of images.</summary>
    public string Images { get; } = Path.Combine(root, "overlay-images");

    public string ImagesFile => Path.Combine(Images, "images.json");

    public string ImagesLock => Path.Combine(Images, "images.lock");

    /// <summary>Records of containers; may be missing.</summary>
    public string Containers { get; } = Path.Combine(root, "overlay-containers");

    public string ContainersFile => Path.Combine(Containers, "containers.json");

    public string VolatileContainersFile => Path.Combine(Containers, "volatile-containers.json");

    public string ContainersLock => Path.Combine(Containers, "containers.lock");

    public string Layer(string id) => Path.Combine(Overlay, Checked(id));

    public string Tree(string id) => Path.Combine(Layer(id), "diff");

    public string LinkFile(string id) => Path.Combine(Layer(id), "link");

    public string LowerFile(string id) => Path.Combine(Layer(id), "lower");

    public string Recording(string id) => Path.Combine(Layers, $"{Checked(id)}.tar-split.gz");

    /// <summary>Other documents of a layer.</summary>
    public string LayerItems(string id) => Path.Combine(Layers, Checked(id));

    public string ImageItems(string id) => Path.Combine(Images, Checked(id));

    /// <summary>The file of an image's document. A name of other characters than digits, lower-case letters and dots is
    /// written in base64.</summary>
    public string Item(string image, string name) => Path.Combine(ImageItems(image), ItemFile(name));

    internal static string ItemFile(string name) =>
        name.All(letter => char.IsAsciiDigit(letter) || char.IsAsciiLetterLower(letter) || letter == '.')
            ? name
            : "=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(name));

    private string Checked(string id) => LayerIds.IsValid(id)
        ? id
        : throw new StoreException(root, $"{root}: the id {Printable.Quote(Encoding.UTF8.GetBytes(id))} is not 64 hex digits");
}
