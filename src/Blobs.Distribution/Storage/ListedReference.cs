namespace Blobs.Distribution.Storage;

/// <summary>A reference in a list.</summary>
/// <param name="Reference">The reference.</param>
/// <param name="ChangedAt">When it was written, if the list contains that; null if it needs a separate request.</param>
public readonly record struct ListedReference(RegistryReference Reference, DateTimeOffset? ChangedAt = null);
