using Blobs.Hashing;

namespace Blobs.Distribution.Collection;

/// <summary>A tag, as a mark has read it.</summary>
/// <param name="Name">The tag.</param>
/// <param name="Target">The manifest that it points to; null for a tag that was never completed.</param>
/// <param name="ChangedAt">When it was written.</param>
internal sealed record KnownTag(string Name, Digest? Target, DateTimeOffset ChangedAt);
