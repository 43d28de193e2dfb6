namespace Blobs.Docker;

/// <summary>Something to be added to an image.</summary>
/// <param name="Source">A file or directory of this machine. Of a directory its content is added.</param>
/// <param name="Destination">Where to, absolute. A file goes into it when it ends in a slash or is a directory.</param>
public sealed record AddedPath(string Source, string Destination);
