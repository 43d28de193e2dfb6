namespace Blobs.Images;

/// <summary>How files of this machine become entries of a new layer. The same files and options give the same bytes on
/// every machine.</summary>
public sealed record LayerFilesOptions
{
    /// <summary>Id of the user that owns every entry; the file's own owner when null.</summary>
    public long? User { get; init; } = 0;

    /// <summary>Id of the group of every entry; the file's own group when null.</summary>
    public long? Group { get; init; } = 0;

    /// <summary>The latest time of modification: later ones become this one. By default
    /// <see cref="SourceDate.FromEnvironment"/>; no limit when null.</summary>
    public DateTimeOffset? LatestTime { get; init; } = SourceDate.FromEnvironment();

    /// <summary>Whether to write entries also for directories that every Linux base image has, such as <c>/usr/bin</c>.
    /// They are left out by default, because in the image they may be links, or have another mode. Set it for an image
    /// from scratch.</summary>
    public bool DescribesStandardDirectories { get; init; }
}
