using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer that no image and no container needs, and that stays all the same.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="BuildStep">The build step whose result BuildKit's cache has in it, in BuildKit's words; null where nothing tells.</param>
public sealed record KeptLayer(ChainId Layer, string? BuildStep);
