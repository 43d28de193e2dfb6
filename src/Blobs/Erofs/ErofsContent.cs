namespace Blobs.Erofs;

/// <summary>Where the content of a file is.</summary>
/// <param name="Start">Its first block; none for an empty or sparse file.</param>
/// <param name="Map">Map of a sparse file, as a piece of <see cref="ErofsText"/>; 0 for other files.</param>
internal readonly record struct ErofsContent(uint Start, int Map);
