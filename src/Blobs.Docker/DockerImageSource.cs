using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>An image in a Docker data root. Its layers are uncompressed tars, rebuilt while they are read.</summary>
[SupportedOSPlatform("linux")]
public sealed class DockerImageSource : IImageSource
{
    private readonly DockerRoot _root;
    private readonly Image _image;

    /// <param name="root">The data root.</param>
    /// <param name="image">An image in the data root.</param>
    /// <param name="names">The image's names; all its tags if null.</param>
    public DockerImageSource(DockerRoot root, Image image, IReadOnlyList<ImageReference>? names = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(image);
        _root = root;
        _image = image;
        Names = names ?? [.. root.Names.Read().Of(image.Id).Where(name => name.Tag is not null)];
    }

    /// <inheritdoc/>
    public ImageConfig Config => _image.Config;

    /// <inheritdoc/>
    public ImageManifest? Manifest => null;

    /// <inheritdoc/>
    public IReadOnlyList<ImageLayer> Layers => field ??= ImageLayers.Of(
        Config, null, (index, diffId, _) => new DockerImageLayer(_root.Layers, Config.ChainIds[index], diffId));

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names { get; }

    /// <inheritdoc/>
    public string? Repository => null;

    /// <summary>The image in this data root that this image was made from.</summary>
    public Digest? Parent => _image.Parent;
}
