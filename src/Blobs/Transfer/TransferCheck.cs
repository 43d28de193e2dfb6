using Blobs.Errors;

namespace Blobs.Transfer;

/// <summary>What every target asks of an image before it reads a layer.</summary>
internal static class TransferCheck
{
    /// <summary>Config and manifest must speak of the same layers.</summary>
    public static void Layers(IImageSource image)
    {
        if (image.Manifest is { } manifest && manifest.Layers.Count != image.Config.DiffIds.Count)
        {
            throw new MalformedDataException(
                Fault.ManifestSyntax,
                0,
                $"image {image.Config.Id}: the manifest has {manifest.Layers.Count} layers, the config {image.Config.DiffIds.Count}");
        }
    }
}
