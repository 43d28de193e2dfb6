using Blobs.Pipeline;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>A layer that came in.</summary>
/// <param name="Layer">The layer as the store holds it.</param>
/// <param name="Summary">Digests and sizes of what was read.</param>
/// <param name="Skipped">What the kernel refused; digests and export do not depend on it.</param>
/// <param name="AlreadyExisted">The store had it before.</param>
public sealed record LayerIngestResult(Layer Layer, LayerSummary Summary, SkippedMetadata Skipped, bool AlreadyExisted);
