namespace Blobs.Images;

/// <summary>Progress of one layer of an image.</summary>
/// <param name="Layer">The layer's DiffID; the name of its file in a streamed archive, whose manifest comes
/// later.</param>
/// <param name="Step">What is happening to it.</param>
/// <param name="Bytes">Bytes read from the source so far.</param>
/// <param name="TotalBytes">Total bytes, if known.</param>
public readonly record struct TransferProgress(string Layer, TransferStep Step, long Bytes, long? TotalBytes);
