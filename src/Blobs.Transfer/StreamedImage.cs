using System.Runtime.Versioning;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image of a <see cref="StreamedArchive"/>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedImage(StreamedArchive archive, ArchivedImage image) : IImageSource
{
    public ImageConfig Config => image.Config;

    public ImageManifest? Manifest => image.Manifest;

    public IReadOnlyList<StreamedLayer> Layers => field ??= [.. image.Layers.Select(layer => new StreamedLayer(archive, layer))];

    public IReadOnlyList<ImageReference> Names => image.Names;

    public string? Repository => null;

    public Digest? Parent => image.Parent;

    IReadOnlyList<ImageLayer> IImageSource.Layers => Layers;

    /// <summary>Compares the layers that were read with the manifest.</summary>
    public void VerifyBlobs()
    {
        foreach (StreamedLayer layer in Layers)
        {
            layer.VerifyBlob();
        }
    }
}
