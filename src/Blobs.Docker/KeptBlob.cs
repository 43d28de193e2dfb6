using Blobs.Hashing;

namespace Blobs.Docker;

/// <summary>A compressed layer or a manifest that a pull kept.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Digest">Its digest; null for one that is not complete.</param>
/// <param name="Bytes">Its length.</param>
public sealed record KeptBlob(string Path, Digest? Digest, long Bytes);
