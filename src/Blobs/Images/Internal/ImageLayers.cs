using System.ComponentModel;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images.Internal;

/// <summary>Combines the DiffIDs of a config with the descriptors of a manifest.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ImageLayers
{
    /// <summary>Makes a layer of each DiffID of the config and its descriptor in the manifest, base first.</summary>
    /// <param name="config">The image's config.</param>
    /// <param name="manifest">Its manifest; null when there is none.</param>
    /// <param name="make">Gets the layer's index, DiffID and descriptor.</param>
    /// <exception cref="MalformedDataException">The two name different numbers of layers.</exception>
    public static T[] Of<T>(ImageConfig config, ImageManifest? manifest, Func<int, DiffId, Descriptor?, T> make)
        where T : ImageLayer
    {
        RequireSameCount(config, manifest);
        return [.. config.DiffIds.Select((diffId, index) => make(index, diffId, manifest?.Layers[index]))];
    }

    /// <summary>Checks that config, manifest and layers of an image agree; every target calls it before it reads a
    /// layer.</summary>
    /// <exception cref="MalformedDataException">Its config and its manifest name different numbers of
    /// layers.</exception>
    /// <exception cref="ArgumentException">Its layers are not those of its config.</exception>
    public static void Check(IImageSource image)
    {
        RequireSameCount(image.Config, image.Manifest);
        if (!image.Layers.Select(layer => layer.DiffId).SequenceEqual(image.Config.DiffIds))
        {
            throw new ArgumentException($"The layers of image {image.Config.Id} are not those that its config names.", nameof(image));
        }
    }

    /// <summary>Checks an image as <see cref="Check"/> does, and that it is one for Linux: other trees cannot be unpacked.</summary>
    /// <param name="image">The image.</param>
    /// <param name="engine">What is to hold it, as an error should call it: "this store".</param>
    /// <exception cref="MalformedDataException">It is for another system, or its config and its manifest name different numbers
    /// of layers.</exception>
    public static void CheckForLinux(IImageSource image, string engine)
    {
        if (image.Config.Platform.Os is not ("linux" or ""))
        {
            throw new MalformedDataException(
                Fault.ConfigSyntax, 0, $"image {image.Config.Id}: is for {image.Config.Platform.Os}, and {engine} is for linux");
        }

        Check(image);
    }

    private static void RequireSameCount(ImageConfig config, ImageManifest? manifest)
    {
        if (manifest is not null && manifest.Layers.Count != config.DiffIds.Count)
        {
            throw new MalformedDataException(
                Fault.ManifestSyntax,
                0,
                $"image {config.Id}: the manifest has {manifest.Layers.Count} layers, the config {config.DiffIds.Count}");
        }
    }
}
