using System.Runtime.Versioning;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Docker;

/// <summary>An image of an engine's root. Its layers are plain tars, rebuilt while they are read.</summary>
[SupportedOSPlatform("linux")]
public sealed class DockerImageSource : IImageSource
{
    private readonly DockerRoot _root;
    private readonly Image _image;

    /// <param name="root">The root.</param>
    /// <param name="image">One of its images.</param>
    /// <param name="names">What to call it; all its tags when null.</param>
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

    /// <summary>The image this one was made from, here.</summary>
    public Digest? Parent => _image.Parent;
}
