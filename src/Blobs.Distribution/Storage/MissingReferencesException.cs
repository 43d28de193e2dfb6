using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>A manifest that names blobs or manifests which its repository does not have.</summary>
public sealed class MissingReferencesException : BlobsException
{
    internal MissingReferencesException(IReadOnlyList<Digest> missing)
        : base($"manifest: {missing.Count} of what it refers to is not in the repository, {missing[0]} the first") => Missing = missing;

    /// <summary>What is not there, in the order of the document.</summary>
    public IReadOnlyList<Digest> Missing { get; }
}
