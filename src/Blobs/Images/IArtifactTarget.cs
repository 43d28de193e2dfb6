using Blobs.Oci;

namespace Blobs.Images;

/// <summary>A target that keeps manifests unchanged, and so can take artifacts.</summary>
public interface IArtifactTarget
{
    /// <summary>Takes an artifact, which becomes visible at the commit at the latest.</summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="names">What to call it here; a target whose own address has a name in it ignores them.</param>
    /// <param name="cancellationToken">Ends the work; nothing of the artifact stays.</param>
    Task<TakenImage> TakeAsync(Artifact artifact, IReadOnlyList<ImageReference> names, CancellationToken cancellationToken = default);
}
