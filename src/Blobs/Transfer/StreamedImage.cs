using System.Runtime.Versioning;
using Blobs.Hashing;
using Blobs.Layers;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An image of an archive that has gone by: its layers are in the store already, waiting for what they stand on.</summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedImage(StreamedArchive archive, ArchivedImage image) : IImageSource
{
    public ImageConfig Config => image.Config;

    public ImageManifest? Manifest => image.Manifest;

    public IReadOnlyList<ImageReference> Names => image.Names;

    public string? Repository => null;

    public long? LengthOfLayer(int index) => archive.SeenAs(image.Layers[index])?.CompressedBytes;

    /// <summary>The layer, still detached; null when it has to be opened. What went by must be what config and manifest name.</summary>
    public DetachedLayer? TakeLayer(int index)
    {
        if (archive.SeenAs(image.Layers[index]) is not { } seen)
        {
            return null;
        }

        Check("DiffID", $"{Config.DiffIds[index]}", $"{seen.DiffId}", seen.UncompressedBytes);
        if (Manifest is { } manifest)
        {
            Check("layer digest", $"{manifest.Layers[index].Digest}", $"{seen.Digest}", seen.CompressedBytes);
        }

        if (image.SizeFault(index, seen.CompressedBytes) is { } fault)
        {
            throw fault;
        }

        return archive.TakeLayer(image.Layers[index]);
    }

    /// <summary>The tar of a layer that another image of the archive has brought into the store.</summary>
    public async ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default) =>
        archive.SeenAs(image.Layers[index]) is { } seen
            ? await archive.ReopenAsync(seen.DiffId, cancellationToken).ConfigureAwait(false)
            : await image.OpenLayerAsync(index, cancellationToken).ConfigureAwait(false);

    private static void Check(string what, string expected, string found, long bytes)
    {
        if (expected != found)
        {
            throw new DigestMismatchException(what, expected, found, bytes);
        }
    }
}
