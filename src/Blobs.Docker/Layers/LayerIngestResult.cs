using Blobs.Pipeline;
using Blobs.Trees;

namespace Blobs.Docker.Layers;

/// <summary>The result of ingesting a layer.</summary>
/// <param name="Layer">The layer as stored.</param>
/// <param name="Summary">The digests and sizes of what was read.</param>
/// <param name="Skipped">The metadata that the kernel refused. Digests and export do not depend on it.</param>
/// <param name="AlreadyExisted">Whether the store already had the layer.</param>
public sealed record LayerIngestResult(Layer Layer, LayerSummary Summary, SkippedMetadata Skipped, bool AlreadyExisted);
