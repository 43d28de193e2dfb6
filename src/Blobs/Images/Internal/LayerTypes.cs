using System.ComponentModel;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Images.Internal;

/// <summary>Media types of layers in Docker and OCI manifests.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class LayerTypes
{
    /// <summary>The media type of a layer with this compression; null when the format has none.</summary>
    public static string? Of(CompressionKind kind, ManifestFormat format) => (kind, format) switch
    {
        (CompressionKind.Gzip, ManifestFormat.Docker) => MediaTypes.DockerLayerGzip,
        (CompressionKind.None, ManifestFormat.Docker) => MediaTypes.DockerLayer,
        (CompressionKind.Gzip, ManifestFormat.Oci) => MediaTypes.OciLayerGzip,
        (CompressionKind.Zstd, ManifestFormat.Oci) => MediaTypes.OciLayerZstd,
        (CompressionKind.None, ManifestFormat.Oci) => MediaTypes.OciLayer,
        _ => null,
    };

    /// <summary>Converts a layer's descriptor to another format.</summary>
    /// <exception cref="MalformedDataException">That format has no media type for it.</exception>
    public static Descriptor Convert(Descriptor layer, ManifestFormat format)
    {
        return TypeIn(layer.MediaType, format) is { } type
            ? new Descriptor { MediaType = type, Digest = layer.Digest, Size = layer.Size, Urls = layer.Urls }
            : throw new MalformedDataException(
                Fault.ManifestSyntax, 0, $"layer {layer.Digest} has type {layer.MediaType}, which has no {format} equivalent");
    }

    /// <summary>The media type of another format for the same kind of layer; null when it has none.</summary>
    public static string? TypeIn(string mediaType, ManifestFormat format) => (mediaType, format) switch
    {
        (MediaTypes.DockerLayerGzip or MediaTypes.OciLayerGzip, _) => Of(CompressionKind.Gzip, format),
        (MediaTypes.OciLayerZstd, _) => Of(CompressionKind.Zstd, format),
        (MediaTypes.DockerLayer or MediaTypes.OciLayer, _) => Of(CompressionKind.None, format),
        (MediaTypes.DockerForeignLayerGzip or MediaTypes.OciForeignLayerGzip, ManifestFormat.Docker) => MediaTypes.DockerForeignLayerGzip,
        (MediaTypes.DockerForeignLayerGzip or MediaTypes.OciForeignLayerGzip, ManifestFormat.Oci) => MediaTypes.OciForeignLayerGzip,
        (MediaTypes.DockerForeignLayer or MediaTypes.OciForeignLayer, ManifestFormat.Docker) => MediaTypes.DockerForeignLayer,
        (MediaTypes.DockerForeignLayer or MediaTypes.OciForeignLayer, ManifestFormat.Oci) => MediaTypes.OciForeignLayer,
        (MediaTypes.OciForeignLayerZstd, ManifestFormat.Oci) => mediaType,
        _ => null,
    };
}
