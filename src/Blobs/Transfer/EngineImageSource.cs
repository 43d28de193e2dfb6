using System.Runtime.Versioning;
using Blobs.Engine;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image of an engine's root. Its layers are plain tars, rebuilt while they are read.</summary>
[SupportedOSPlatform("linux")]
public sealed class EngineImageSource : IImageSource
{
    private readonly EngineRoot _root;
    private readonly Image _image;

    /// <param name="root">The root.</param>
    /// <param name="image">One of its images.</param>
    /// <param name="names">What to call it; all its tags when null.</param>
    public EngineImageSource(EngineRoot root, Image image, IReadOnlyList<ImageReference>? names = null)
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
    public IReadOnlyList<ImageReference> Names { get; }

    /// <inheritdoc/>
    public string? Repository => null;

    /// <summary>The image this one was made from, here.</summary>
    public Digest? Parent => _image.Parent;

    /// <inheritdoc/>
    public long? LengthOfLayer(int index) => _root.Layers.TarLengthOf(Config.ChainIds[index]);

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default) =>
        await _root.Layers.OpenTarAsync(Config.ChainIds[index], cancellationToken).ConfigureAwait(false);
}
