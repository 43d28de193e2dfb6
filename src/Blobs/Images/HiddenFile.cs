namespace Blobs.Images;

/// <summary>A file that a layer has and nobody sees.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Layer">Index of the layer that has it.</param>
/// <param name="IsReplaced">Whether a higher layer has a file of this name; otherwise it was removed.</param>
/// <param name="IsRepeated">Whether that file has the same content.</param>
public sealed record HiddenFile(byte[] Path, long Size, int Layer, bool IsReplaced, bool IsRepeated);
