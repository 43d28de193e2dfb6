using Blobs.BlobDirectories;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>A blob in a list.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Stat">Its length and age where the list says them without another question; else null.</param>
public readonly record struct ListedBlob(Digest Digest, BlobStat? Stat = null);
