using Blobs.Errors;

namespace Blobs.Erofs;

/// <summary>Options for writing an EROFS image. The same tar and options always give the same bytes.</summary>
public sealed record ErofsOptions
{
    /// <summary>How the image stores the content of files.</summary>
    public ErofsLayout Layout { get; init; }

    /// <summary>Whether to refuse an entry that replaces an earlier one whose content a recording needs to rebuild the tar. Otherwise the
    /// later entry wins.</summary>
    public bool RefusesReplacedContent { get; init; }

    /// <summary>Limits on the input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
