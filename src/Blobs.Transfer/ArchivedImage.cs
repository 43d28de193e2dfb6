using Blobs.Distribution.Client;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image in an archive or a layout.</summary>
internal sealed class ArchivedImage : IImageSource
{
    private readonly IArchiveFiles _files;

    /// <param name="files">Has its layers; stays the caller's and must outlive the image.</param>
    public ArchivedImage(IArchiveFiles files) => _files = files;

    /// <inheritdoc/>
    public required ImageConfig Config { get; init; }

    /// <inheritdoc/>
    public ImageManifest? Manifest { get; init; }

    /// <summary>Fetches foreign layers from the URLs of their descriptors; null to fetch nothing. Set before
    /// <see cref="Layers"/> is read.</summary>
    public RegistryClient? Client { get; set; }

    /// <summary>Names of the layers' files, base first.</summary>
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

    /// <summary>Whether it is unnamed and only the parent of another image.</summary>
    public bool IsIntermediate { get; init; }

    /// <summary>The layout's <c>ref.name</c> for it, which need not be an image name.</summary>
    public string? RefName { get; init; }

    IReadOnlyList<ImageLayer> IImageSource.Layers => Layers;
}
