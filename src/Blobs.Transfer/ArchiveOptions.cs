using Blobs.Compression;

namespace Blobs.Transfer;

/// <summary>How layers are written to an archive or a layout.</summary>
public sealed record ArchiveOptions
{
    /// <summary>How layers are compressed. When null, layers described by a manifest keep their bytes; others are
    /// uncompressed in a Docker archive, and gzip in an OCI layout.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Whether to write strictly forward even if the target can seek: standard output may be a file opened for
    /// appending. Layers are then compressed twice, because their length precedes them in the archive.</summary>
    public bool ForwardOnly { get; init; }
}
