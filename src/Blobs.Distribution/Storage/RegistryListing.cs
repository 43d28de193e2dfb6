namespace Blobs.Distribution.Storage;

/// <summary>A page of a sorted list. A storage may return the same instance again while nothing has changed.</summary>
/// <param name="Items">The items on the page.</param>
/// <param name="HasMore">Whether more items follow.</param>
public sealed record RegistryListing<T>(IReadOnlyList<T> Items, bool HasMore);
