namespace Blobs.Distribution.Storage;

/// <summary>A page of a sorted list. While nothing changed, the same list may be returned again.</summary>
/// <param name="Items">What is on the page.</param>
/// <param name="HasMore">Whether more come after the last of them.</param>
public sealed record RegistryListing<T>(IReadOnlyList<T> Items, bool HasMore);
