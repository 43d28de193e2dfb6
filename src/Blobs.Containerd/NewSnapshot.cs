using Blobs.Containerd.Api;

namespace Blobs.Containerd;

/// <summary>An empty snapshot, to unpack a layer into.</summary>
/// <param name="Key">What names it until it is committed.</param>
/// <param name="Mounts">How it would be mounted.</param>
internal sealed record NewSnapshot(string Key, IReadOnlyList<Mount> Mounts);
