namespace Blobs.Pipeline;

/// <summary>Progress of a pass over a layer.</summary>
/// <param name="CompressedBytes">Bytes taken from the source.</param>
/// <param name="UncompressedBytes">Bytes of tar decoded.</param>
/// <param name="EntryCount">Entries read from the tar.</param>
public readonly record struct LayerProgress(long CompressedBytes, long UncompressedBytes, long EntryCount);
