namespace Blobs.Docker.BuildKit;

/// <summary>Where a bucket's items are: below a page of the file, or, when that is 0, in the page that is kept inline.</summary>
internal readonly record struct BoltBucket(ulong RootPage, ReadOnlyMemory<byte> Inline, long InlineOffset);
