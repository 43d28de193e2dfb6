namespace Blobs.Tar;

/// <summary>A run of data in a file with holes; what no chunk covers is zero.</summary>
/// <param name="Offset">Where the run starts in the file, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
public readonly record struct SparseChunk(long Offset, long Length);
