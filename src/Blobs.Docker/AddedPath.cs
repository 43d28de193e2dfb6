namespace Blobs.Docker;

/// <summary>A file or directory to add to an image.</summary>
/// <param name="Source">A file or directory on this machine. For a directory, its contents are added.</param>
/// <param name="Destination">The absolute destination path. A file is placed inside it if the path ends in a slash or
/// is a directory.</param>
public sealed record AddedPath(string Source, string Destination);
