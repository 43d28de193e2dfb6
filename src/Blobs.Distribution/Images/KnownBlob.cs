using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>A blob that is known to contain a layer, and the repository where it was seen.</summary>
/// <param name="Digest">The blob's digest.</param>
/// <param name="Repository">Registry and repository in full, such as <c>docker.io/library/alpine</c>; empty when
/// unknown.</param>
/// <param name="Forget">Called when the blob was not available there.</param>
public sealed record KnownBlob(Digest Digest, string Repository, Action Forget)
{
    /// <summary>Returns the repository from which the blob may be mounted, without its registry; null when it is in
    /// another registry, or is the target itself.</summary>
    /// <param name="target">The repository to mount the blob into, with its registry.</param>
    /// <param name="domain">The registry of both.</param>
    internal string? MountPath(string target, string domain) =>
        Repository != target && ImageReference.TryParse(Repository, out ImageReference? from) && from.Domain == domain ? from.Path : null;
}
