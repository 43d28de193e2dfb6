namespace Blobs.Distribution.Storage;

/// <summary>A reference in a list.</summary>
/// <param name="Reference">Which.</param>
/// <param name="ChangedAt">When it was written, where the list says it without another question; else null.</param>
public readonly record struct ListedReference(RegistryReference Reference, DateTimeOffset? ChangedAt = null);
