using System.ComponentModel;
using Blobs.Hashing;

namespace Blobs.Images.Internal;

/// <summary>Digest and length of a blob that was written.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Length">Its length in bytes.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct WrittenBlob(Digest Digest, long Length);
