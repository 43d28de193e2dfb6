namespace Blobs.Images;

/// <summary>How far one layer of an image is.</summary>
/// <param name="Layer">The layer's DiffID; the name of its file where an archive goes by and has not said yet what is in it.</param>
/// <param name="Step">What is happening to it.</param>
/// <param name="Bytes">Bytes moved so far, as the source has them.</param>
/// <param name="TotalBytes">Bytes there are, when known.</param>
public readonly record struct TransferProgress(string Layer, TransferStep Step, long Bytes, long? TotalBytes);
