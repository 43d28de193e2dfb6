namespace Blobs.Storage;

/// <summary>A page of names in bytewise order.</summary>
/// <param name="Names">The names.</param>
/// <param name="HasMore">Whether more come after the last of them.</param>
public sealed record RegistryNames(IReadOnlyList<string> Names, bool HasMore);
