using Blobs.Compression;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>Options for pushing an image.</summary>
public sealed record PushOptions
{
    /// <summary>Format of the manifest. When null, an existing manifest is sent unchanged; a new one is in Docker's
    /// format, or in OCI's for layers compressed with zstd.</summary>
    public ManifestFormat? Format { get; init; }

    /// <summary>How layers are compressed. When null, compressed layers stay unchanged, and others are compressed with
    /// gzip.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Maximum number of layers sent in parallel. When null, the number depends on the machine.</summary>
    public int? LayersAtOnce { get; init; }
}
