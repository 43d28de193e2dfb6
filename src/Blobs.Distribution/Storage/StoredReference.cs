using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>A reference as it was read.</summary>
/// <param name="Target">The digest it refers to; null for a reference that was never completed, because docker-registry
/// writes links in place.</param>
/// <param name="Version">The version token for <see cref="IRegistryReferences.TryReplaceAsync"/>. Every later write has
/// another version.</param>
/// <param name="ChangedAt">When it was written, by the storage's clock.</param>
public sealed record StoredReference(Digest? Target, string Version, DateTimeOffset ChangedAt)
{
    /// <summary>Whether another program wrote it; false where that cannot be told.</summary>
    public bool IsForeign { get; init; }
}
