namespace Blobs.Pipeline;

/// <summary>How far a run has come.</summary>
/// <param name="CompressedBytes">Bytes taken from the source.</param>
/// <param name="UncompressedBytes">Bytes of tar that came out.</param>
/// <param name="EntryCount">Entries read from the tar.</param>
public readonly record struct LayerProgress(long CompressedBytes, long UncompressedBytes, long EntryCount);
