using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>Digest and length of a blob that was written.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct WrittenBlob(Digest Digest, long Length);
