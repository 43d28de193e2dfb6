using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>How far one layer of an image is.</summary>
/// <param name="Index">The layer, counted from the base.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Step">What is happening to it.</param>
/// <param name="Bytes">Bytes read so far, as the source has them.</param>
/// <param name="TotalBytes">Bytes there are, when known.</param>
public readonly record struct TransferProgress(int Index, DiffId Layer, TransferStep Step, long Bytes, long? TotalBytes);
