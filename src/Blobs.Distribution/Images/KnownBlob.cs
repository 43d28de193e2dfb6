using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>A blob that is known to hold a layer, and where it was seen.</summary>
/// <param name="Digest">The blob's digest.</param>
/// <param name="Repository">Registry and repository in full, such as <c>docker.io/library/alpine</c>; empty when nobody knows.</param>
/// <param name="Forget">Called when the blob was not to be had there.</param>
public sealed record KnownBlob(Digest Digest, string Repository, Action Forget)
{
    /// <summary>The repository, without its registry, that the blob may be mounted from; null when it is in another registry, or in the
    /// target itself.</summary>
    /// <param name="target">Registry and repository in full that the blob is to be mounted into.</param>
    /// <param name="domain">The registry of both.</param>
    internal string? MountPath(string target, string domain) =>
        Repository != target && ImageReference.TryParse(Repository, out ImageReference? from) && from.Domain == domain ? from.Path : null;
}
