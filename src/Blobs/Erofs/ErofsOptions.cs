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

    /// <summary>Whether a dm-verity tree is appended to the image. Costs one more SHA-256 over all of it.</summary>
    public bool HasVerity { get; init; }

    /// <summary>Opens an empty temporary file, readable and writable, which is disposed: for the hashes of a dm-verity tree beyond 16 MiB.
    /// They stay in memory when null.</summary>
    public Func<Stream>? OpenSpill { get; init; }

    /// <summary>Limits on the input.</summary>
    public Limits Limits { get; init; } = Limits.Default;
}
