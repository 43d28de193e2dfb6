using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>A blob in a list.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Stat">Its length and age, if the list contains them; null if they need a separate request.</param>
public readonly record struct ListedBlob(Digest Digest, BlobStat? Stat = null);
