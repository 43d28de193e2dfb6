using Blobs.Oci;

namespace Blobs.Transfer;

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

    /// <summary>What the source calls the image.</summary>
    IReadOnlyList<ImageReference> Names { get; }

    /// <summary>Registry and repository in full that hold the manifest's blobs; null when they came from elsewhere.</summary>
    string? Repository { get; }

    /// <summary>Bytes that a layer's stream will have, when that is known without reading it.</summary>
    /// <param name="index">The layer, counted from the base.</param>
    long? LengthOfLayer(int index);

    /// <summary>Opens a layer: compressed as the manifest has it, or in whatever way without one. Who opens it disposes it, and checks
    /// it: the stream promises nothing about its content.</summary>
    /// <param name="index">The layer, counted from the base.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Stream> OpenLayerAsync(int index, CancellationToken cancellationToken = default);
}
