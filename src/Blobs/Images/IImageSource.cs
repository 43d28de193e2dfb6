using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Images;

/// <summary>
/// One image at its source: a Docker data root, an archive, a layout, a registry. Everything is loaded except the
/// content of its layers, which the target opens as needed, also concurrently.
/// </summary>
public interface IImageSource
{
    /// <summary>The config, which names the layers.</summary>
    ImageConfig Config { get; }

    /// <summary>The manifest; null when the source has none. Describes as many layers as the config names.</summary>
    ImageManifest? Manifest { get; }

    /// <summary>The layers that the config names, base first.</summary>
    /// <exception cref="Errors.MalformedDataException">Config and manifest name different numbers of
    /// layers.</exception>
    IReadOnlyList<ImageLayer> Layers { get; }

    /// <summary>The image's names at the source.</summary>
    IReadOnlyList<ImageReference> Names { get; }

    /// <summary>Full name of the registry and repository that hold the manifest's blobs; null when they are not in a
    /// registry.</summary>
    string? Repository { get; }

    /// <summary>Format of the manifest that a target makes; null when the target chooses.</summary>
    ManifestFormat? Format => Manifest is { } own ? MediaTypes.FormatOf(own.MediaType) : null;

    /// <summary>Annotations of the manifest, also of one that a target has yet to make; null for none.</summary>
    IReadOnlyDictionary<string, string>? Annotations => Manifest?.Annotations;

    /// <summary>The image this one was made from, where the source says so.</summary>
    Digest? Parent { get; }
}
