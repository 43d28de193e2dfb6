using Blobs.Compression;

namespace Blobs.Transfer;

/// <summary>How layers stand in an archive or a layout that is written.</summary>
public sealed record ArchiveOptions
{
    /// <summary>How layers are compressed. When null they stay as their source has them if that has a manifest; others become plain tars
    /// in a Docker archive, gzip in an OCI layout.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Whether the target takes bytes in order only, although it could seek: standard output may be a file that appends. A layer
    /// that is compressed for it is compressed twice, as its length stands in front of it.</summary>
    public bool ForwardOnly { get; init; }
}
