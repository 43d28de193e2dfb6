namespace Blobs.Docker;

/// <summary>What a file or a directory takes.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">The size of its files.</param>
public sealed record DirectoryUsage(string Path, long Bytes);
