using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image of an archive or a layout.</summary>
internal sealed class ArchivedImage : IImageSource
{
    private readonly IArchiveFiles _files;

    /// <param name="files">Where its layers are; stays its owner's and must outlive the image.</param>
    public ArchivedImage(IArchiveFiles files) => _files = files;

    /// <inheritdoc/>
    public required ImageConfig Config { get; init; }

    /// <inheritdoc/>
    public ImageManifest? Manifest { get; init; }

    /// <summary>Fetches layers that are not in the archive from the addresses of their descriptors; null when nobody may. Set before the
    /// layers are asked for.</summary>
    public RegistryClient? Client { get; set; }

    /// <summary>Names of the files that hold the layers, base first.</summary>
    public required IReadOnlyList<string> LayerNames { get; init; }

    /// <inheritdoc cref="IImageSource.Layers"/>
    public IReadOnlyList<ArchivedLayer> Layers => field ??= ImageLayers.Of(
        Config, Manifest, (index, diffId, descriptor) => new ArchivedLayer(_files, LayerNames[index], diffId, descriptor, Client));

    /// <inheritdoc/>
    public IReadOnlyList<ImageReference> Names { get; init; } = [];

    /// <inheritdoc/>
    public string? Repository => null;

    /// <inheritdoc/>
    public Digest? Parent { get; init; }

    /// <summary>Whether it is only there because another one was made from it.</summary>
    public bool IsIntermediate { get; init; }

    /// <summary>What the layout calls it, which need not be an image's name.</summary>
    public string? RefName { get; init; }

    IReadOnlyList<ImageLayer> IImageSource.Layers => Layers;
}
