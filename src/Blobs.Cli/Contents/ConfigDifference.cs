namespace Blobs.Cli.Contents;

/// <summary>A value in which the configs of two images differ.</summary>
/// <param name="Name">Its name, such as <c>Env PATH</c>.</param>
/// <param name="Before">The value before; null when there was none.</param>
/// <param name="After">The value after; null when there is none.</param>
internal sealed record ConfigDifference(string Name, string? Before, string? After);
