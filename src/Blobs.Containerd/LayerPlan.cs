using Blobs.Hashing;
using Blobs.Images;

namespace Blobs.Containerd;

/// <summary>What there is to do for one layer of an image.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Chain">The stack of which it is the top.</param>
/// <param name="Parent">The stack below it; null for a base layer.</param>
/// <param name="NeedsTree">Whether containerd does not have the stack.</param>
/// <param name="IsParentThere">Whether the stack below was there before anything began.</param>
internal sealed record LayerPlan(ImageLayer Layer, ChainId Chain, ChainId? Parent, bool NeedsTree, bool IsParentThere);
