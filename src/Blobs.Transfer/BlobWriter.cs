using Blobs.Hashing;
using Blobs.Images.Internal;

namespace Blobs.Transfer;

/// <summary>Writes a blob to a stream, the same bytes at every call, and returns its digest and length.</summary>
/// <param name="target">Takes the bytes.</param>
/// <param name="known">The digest that an earlier call returned, to be verified; null at the first call.</param>
internal delegate Task<WrittenBlob> BlobWriter(Stream target, Digest? known);
