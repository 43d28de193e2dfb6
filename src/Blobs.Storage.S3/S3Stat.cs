namespace Blobs.Storage.S3;

/// <summary>What the store says of an object without sending it.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ETag">Its version, without quotes.</param>
/// <param name="ChangedAt">When it was written, in whole seconds of the store's clock.</param>
internal readonly record struct S3Stat(long Length, string ETag, DateTimeOffset ChangedAt);
