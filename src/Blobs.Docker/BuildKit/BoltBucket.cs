namespace Blobs.Docker.BuildKit;

/// <summary>Location of a bucket's items: its root page, or, if that is 0, the inline page.</summary>
internal readonly record struct BoltBucket(ulong RootPage, ReadOnlyMemory<byte> Inline, long InlineOffset);
