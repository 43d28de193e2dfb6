using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Fuzz.Targets;

/// <summary>An image whose layers are empty tars.</summary>
internal sealed class MemoryImage(ImageConfig config, ImageManifest? manifest, IReadOnlyList<ImageReference> names) : IImageSource
{
    public ImageConfig Config => config;

    public ImageManifest? Manifest => manifest;

    public IReadOnlyList<ImageReference> Names => names;

    public IReadOnlyList<ImageLayer> Layers { get; } =
        [.. config.DiffIds.Select((diffId, index) => new EmptyLayer(diffId, manifest?.Layers.ElementAtOrDefault(index)))];

    public string? Repository => null;

    public Digest? Parent => null;

    private sealed class EmptyLayer(DiffId diffId, Descriptor? descriptor) : ImageLayer(diffId, descriptor)
    {
        private static readonly byte[] EmptyTar = new byte[1024];

        public override long? GetLength() => EmptyTar.Length;

        public override ValueTask<Stream> OpenAsync(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<Stream>(new MemoryStream(EmptyTar, writable: false));
    }
}
