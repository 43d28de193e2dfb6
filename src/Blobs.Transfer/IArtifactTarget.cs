using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>A target that keeps manifests as they are, and so takes what is no image.</summary>
internal interface IArtifactTarget
{
    /// <summary>Takes an artifact; visible at the commit at the latest.</summary>
    Task<TakenImage> TakeAsync(Artifact artifact, IReadOnlyList<ImageReference> names, CancellationToken cancellationToken);
}
