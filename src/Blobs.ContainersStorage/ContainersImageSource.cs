using System.Runtime.Versioning;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.ContainersStorage;

/// <summary>An image in a store of podman. Its layers are uncompressed tars, rebuilt while they are read.</summary>
[SupportedOSPlatform("linux")]
public sealed class ContainersImageSource : IImageSource
{
    internal ContainersImageSource(
        ContainersStore store,
        StoredImage image,
        ImageConfig config,
        ImageManifest manifest,
        IReadOnlyList<StoredLayer> layers,
        IReadOnlyList<ImageReference> names)
    {
        Image = image;
        Config = config;
        Stored = manifest;
        Names = names;
        Layers = [.. layers.Select((layer, index) => new ContainersLayer(store, layer.Id, config.DiffIds[index]))];
    }

    /// <summary>The image's record.</summary>
    public StoredImage Image { get; }

    /// <summary>The manifest that the store has of it. It describes compressed layers, which the store does not
    /// keep.</summary>
    public ImageManifest Stored { get; }

    /// <inheritdoc/>
    public ImageConfig Config { get; }

    /// <summary>None: see <see cref="Stored"/>.</summary>
    public ImageManifest? Manifest => null;

    /// <inheritdoc/>
    public ManifestFormat? Format => MediaTypes.FormatOf(Stored.MediaType);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Annotations => Stored.Annotations;

    /// <inheritdoc/>
    public IReadOnlyList<ImageLayer> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names { get; }

    /// <inheritdoc/>
    public string? Repository => null;

    /// <inheritdoc/>
    public Digest? Parent => null;
}
