namespace Blobs.Tar;

/// <summary>A run of data in a sparse file. Bytes that no chunk covers are zero.</summary>
/// <param name="Offset">Start of the run in the file, in bytes.</param>
/// <param name="Length">Length of the run, in bytes.</param>
public readonly record struct SparseChunk(long Offset, long Length);
