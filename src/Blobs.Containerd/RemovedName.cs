using Blobs.Hashing;

namespace Blobs.Containerd;

/// <summary>What a removal removed.</summary>
/// <param name="Names">The names that were removed.</param>
/// <param name="Target">The digest of the image's manifest or index, if no name is left for it, so that containerd has
/// removed its content and snapshots too; null if another name keeps them.</param>
public sealed record RemovedName(IReadOnlyList<string> Names, Digest? Target);
