using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>What was written.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct WrittenBlob(Digest Digest, long Length);
