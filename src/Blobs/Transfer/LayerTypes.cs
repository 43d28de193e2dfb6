using Blobs.Compression;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Media types of layers in the words of one format.</summary>
internal static class LayerTypes
{
    /// <summary>The type of a layer that is compressed so; null when the format has no word for it.</summary>
    public static string? Of(CompressionKind kind, ManifestFormat format) => (kind, format) switch
    {
        (CompressionKind.Gzip, ManifestFormat.Docker) => MediaTypes.DockerLayerGzip,
        (CompressionKind.None, ManifestFormat.Docker) => MediaTypes.DockerLayer,
        (CompressionKind.Gzip, ManifestFormat.Oci) => MediaTypes.OciLayerGzip,
        (CompressionKind.Zstd, ManifestFormat.Oci) => MediaTypes.OciLayerZstd,
        (CompressionKind.None, ManifestFormat.Oci) => MediaTypes.OciLayer,
        _ => null,
    };

    /// <summary>The same layer under the type of another format.</summary>
    /// <exception cref="MalformedDataException">That format has no word for it.</exception>
    public static Descriptor Convert(Descriptor layer, ManifestFormat format)
    {
        CompressionKind? kind = layer.MediaType switch
        {
            MediaTypes.DockerLayerGzip or MediaTypes.OciLayerGzip => CompressionKind.Gzip,
            MediaTypes.OciLayerZstd => CompressionKind.Zstd,
            MediaTypes.DockerLayer or MediaTypes.OciLayer => CompressionKind.None,
            _ => null,
        };
        string? type = kind is { } known ? Of(known, format) : null;
        return type is not null
            ? new Descriptor { MediaType = type, Digest = layer.Digest, Size = layer.Size }
            : throw new MalformedDataException(
                Fault.ManifestSyntax, 0, $"layer {layer.Digest} is of type {layer.MediaType}, which has no name in a {format} manifest");
    }
}
