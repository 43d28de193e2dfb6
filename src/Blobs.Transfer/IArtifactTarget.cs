using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A target that keeps manifests unchanged, and so can take artifacts.</summary>
internal interface IArtifactTarget
{
    /// <summary>Takes an artifact, which becomes visible at the commit at the latest.</summary>
    Task<TakenImage> TakeAsync(Artifact artifact, IReadOnlyList<ImageReference> names, CancellationToken cancellationToken);
}
