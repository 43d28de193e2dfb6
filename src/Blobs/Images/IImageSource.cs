using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>
/// One image where it comes from: an engine's root, an archive, a layout, a registry. Everything is known of it but the content of its
/// layers, which whoever takes the image opens as it needs them, several at a time if it likes.
/// </summary>
public interface IImageSource
{
    /// <summary>The config, its bytes as they came; it names the layers.</summary>
    ImageConfig Config { get; }

    /// <summary>The manifest as it came; null when the source has none. Describes as many layers as the config names.</summary>
    ImageManifest? Manifest { get; }

    /// <summary>The layers that the config names, base first.</summary>
    /// <exception cref="Errors.MalformedDataException">Config and manifest do not name equally many.</exception>
    IReadOnlyList<ImageLayer> Layers { get; }

    /// <summary>What the source calls the image.</summary>
    IReadOnlyList<ImageReference> Names { get; }

    /// <summary>Registry and repository in full that hold the manifest's blobs; null when they came from elsewhere.</summary>
    string? Repository { get; }

    /// <summary>The image this one was made from, where the source says so.</summary>
    Digest? Parent { get; }
}
