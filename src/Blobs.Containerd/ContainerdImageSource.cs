using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Containerd;

/// <summary>An image of containerd to copy from: its documents and blobs, byte for byte.</summary>
public sealed class ContainerdImageSource : IImageSource
{
    internal ContainerdImageSource(ContainerdStore store, ContainerdImage image, ImageManifest manifest, ImageConfig config)
    {
        Image = image;
        Manifest = manifest;
        Config = config;
        Layers = ImageLayers.Of(config, manifest, (_, diffId, blob) => new ContainerdLayer(store, diffId, blob!));
        Names = ImageNames.TryParse(image.Name) is { Digest: null } name ? [name] : [];
    }

    /// <summary>The image's name and target.</summary>
    public ContainerdImage Image { get; }

    /// <inheritdoc/>
    public ImageConfig Config { get; }

    /// <inheritdoc/>
    public ImageManifest Manifest { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageLayer> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names { get; }

    /// <inheritdoc/>
    public string? Repository => null;

    /// <inheritdoc/>
    public Digest? Parent => null;

    ImageManifest? IImageSource.Manifest => Manifest;
}
