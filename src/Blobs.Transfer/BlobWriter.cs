using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>Writes a blob into a stream, the same bytes at every call, and says what they were.</summary>
/// <param name="target">Takes them.</param>
/// <param name="known">What an earlier call said, to be compared; null at the first.</param>
internal delegate Task<WrittenBlob> BlobWriter(Stream target, Digest? known);
