using Blobs.Hashing;

namespace Blobs.Docker.Layers;

/// <summary>A layer that no image and no container needs, but that is kept anyway.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="BuildStep">The build step whose cached result the layer holds, as BuildKit describes it; null if
/// unknown.</param>
public sealed record KeptLayer(ChainId Layer, string? BuildStep);
