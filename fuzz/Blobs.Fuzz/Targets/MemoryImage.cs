using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>An image whose layers are empty tars.</summary>
internal sealed class MemoryImage(ImageConfig config, ImageManifest? manifest, IReadOnlyList<ImageReference> names) : IImageSource
{
    private static readonly byte[] EmptyTar = new byte[1024];

    public ImageConfig Config => config;

    public ImageManifest? Manifest => manifest;

    public IReadOnlyList<ImageReference> Names => names;

    public string? Repository => null;

    public long? LengthOfLayer(int index) => EmptyTar.Length;

    public ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<Stream>(new MemoryStream(EmptyTar, writable: false));
}
