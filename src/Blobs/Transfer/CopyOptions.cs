using Blobs.Compression;

namespace Blobs.Transfer;

/// <summary>How an image is to stand where it is copied to.</summary>
public sealed record CopyOptions
{
    /// <summary>How layers are compressed: see <see cref="ArchiveOptions.Compression"/>. A data root keeps trees.</summary>
    public CompressionKind? Compression { get; init; }

    /// <summary>Storage driver of a data root that is copied to; the one it has layers of when null.</summary>
    public string? Driver { get; init; }
}
