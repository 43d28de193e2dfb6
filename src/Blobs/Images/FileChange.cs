namespace Blobs.Images;

/// <summary>A file that was added, removed or changed between two images.</summary>
/// <param name="Before">The entry before; null when it was added.</param>
/// <param name="After">The entry after; null when it was removed.</param>
/// <param name="Differences">In what a changed file differs.</param>
public sealed record FileChange(ImageEntry? Before, ImageEntry? After, FileDifferences Differences);
