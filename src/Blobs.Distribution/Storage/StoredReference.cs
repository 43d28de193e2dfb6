using Blobs.Hashing;

namespace Blobs.Distribution.Storage;

/// <summary>What a reference said when it was read.</summary>
/// <param name="Target">The digest it refers to; null for one that was never finished, as docker-registry writes them in place.</param>
/// <param name="Version">Names what was read, for <see cref="IRegistryReferences.TryReplaceAsync"/>: any later write has another
/// version.</param>
/// <param name="ChangedAt">When it was written, by the storage's clock.</param>
public sealed record StoredReference(Digest? Target, string Version, DateTimeOffset ChangedAt);
