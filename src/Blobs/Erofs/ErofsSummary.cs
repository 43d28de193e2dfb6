using Blobs.Pipeline;

namespace Blobs.Erofs;

/// <summary>Result of writing a layer's EROFS image.</summary>
public sealed record ErofsSummary
{
    /// <summary>Digests, sizes and counts of the layer.</summary>
    public required LayerSummary Layer { get; init; }

    /// <summary>Bytes of the image, with the dm-verity tree.</summary>
    public required long ImageBytes { get; init; }

    /// <summary>The image's dm-verity tree; null when none was asked for.</summary>
    public ErofsVerity? Verity { get; init; }

    /// <summary>Extended attributes that were left out, because the format has no form for them or overlayfs would obey them.</summary>
    public required long SkippedXattrs { get; init; }
}
