using Blobs.Compression;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>How images go to a registry.</summary>
public sealed record PushOptions
{
    /// <summary>In whose words the manifest is written. When null, a manifest that came with the image is sent as it is, and one that
    /// has to be made is Docker's, or OCI's for layers compressed with zstd.</summary>
    public ManifestFormat? Format { get; init; }

    /// <summary>How layers are compressed. When null, those that are compressed already stay as they are, and others get gzip.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Layers that are sent side by side, at most; as many as suit the machine when null.</summary>
    public int? LayersAtOnce { get; init; }
}
