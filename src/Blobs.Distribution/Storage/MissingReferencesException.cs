using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>A manifest refers to blobs or manifests that its repository does not have.</summary>
public sealed class MissingReferencesException : BlobsException
{
    internal MissingReferencesException(IReadOnlyList<Digest> missing)
        : base($"manifest: {missing.Count} of what it refers to is not in the repository, {missing[0]} the first") => Missing = missing;

    /// <summary>The missing digests, in the order of the document.</summary>
    public IReadOnlyList<Digest> Missing { get; }
}
